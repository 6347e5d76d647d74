// Writes an object of each kind, once with every field set and once empty, as protobuf and as JSON by Kubernetes' own code:
// what test/simulator/api/protobuf.test.ts holds the decoder against.
//
// Run: go run . | gzip -9n > ../../../test/simulator/api/fixtures/go-protobuf.json.gz
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	authn "k8s.io/api/authentication/v1"
	authz "k8s.io/api/authorization/v1"
	as1 "k8s.io/api/autoscaling/v1"
	as2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	coord "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	disc "k8s.io/api/discovery/v1"
	ev "k8s.io/api/events/v1"
	netv1 "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	rbac "k8s.io/api/rbac/v1"
	sched "k8s.io/api/scheduling/v1"
	storage "k8s.io/api/storage/v1"
	apiext "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/util/intstr"
)

var kinds = []string{
	"v1/Pod",
	"v1/Service",
	"v1/Namespace",
	"v1/Node",
	"v1/Event",
	"v1/ConfigMap",
	"v1/Secret",
	"v1/Endpoints",
	"v1/ServiceAccount",
	"v1/PersistentVolume",
	"v1/PersistentVolumeClaim",
	"v1/LimitRange",
	"v1/ResourceQuota",
	"v1/Binding",
	"v1/ReplicationController",
	"apps/v1/Deployment",
	"apps/v1/StatefulSet",
	"apps/v1/DaemonSet",
	"apps/v1/ReplicaSet",
	"apps/v1/ControllerRevision",
	"authentication.k8s.io/v1/TokenRequest",
	"authentication.k8s.io/v1/TokenReview",
	"authentication.k8s.io/v1/SelfSubjectReview",
	"authorization.k8s.io/v1/SelfSubjectAccessReview",
	"authorization.k8s.io/v1/SelfSubjectRulesReview",
	"authorization.k8s.io/v1/SubjectAccessReview",
	"autoscaling/v1/HorizontalPodAutoscaler",
	"autoscaling/v1/Scale",
	"autoscaling/v2/HorizontalPodAutoscaler",
	"batch/v1/Job",
	"batch/v1/CronJob",
	"coordination.k8s.io/v1/Lease",
	"discovery.k8s.io/v1/EndpointSlice",
	"events.k8s.io/v1/Event",
	"networking.k8s.io/v1/NetworkPolicy",
	"networking.k8s.io/v1/Ingress",
	"networking.k8s.io/v1/IngressClass",
	"policy/v1/Eviction",
	"policy/v1/PodDisruptionBudget",
	"rbac.authorization.k8s.io/v1/Role",
	"rbac.authorization.k8s.io/v1/RoleBinding",
	"rbac.authorization.k8s.io/v1/ClusterRole",
	"rbac.authorization.k8s.io/v1/ClusterRoleBinding",
	"scheduling.k8s.io/v1/PriorityClass",
	"storage.k8s.io/v1/StorageClass",
	"apiextensions.k8s.io/v1/CustomResourceDefinition",
	"v1/DeleteOptions",
}

// n makes every value another one.
var n = 0

func fill(v reflect.Value, depth int) {
	n++
	switch x := v.Addr().Interface().(type) {
	case *resource.Quantity:
		*x = resource.MustParse(fmt.Sprintf("%dMi", n))
		return
	case *metav1.Time:
		*x = metav1.NewTime(time.Unix(1700000000+int64(n), 0))
		return
	case *metav1.MicroTime:
		*x = metav1.NewMicroTime(time.Unix(1700000000+int64(n), 123456000))
		return
	case *intstr.IntOrString:
		if n%2 == 0 {
			*x = intstr.FromInt32(int32(n))
		} else {
			*x = intstr.FromString(fmt.Sprintf("%d%%", n))
		}
		return
	case *runtime.RawExtension:
		*x = runtime.RawExtension{Raw: []byte(fmt.Sprintf(`{"n":%d}`, n))}
		return
	case *metav1.FieldsV1:
		x.Raw = []byte(fmt.Sprintf(`{"f:n":{"k%d":{}}}`, n))
		return
	case *apiext.JSON:
		x.Raw = []byte(fmt.Sprintf(`{"n":%d}`, n))
		return
	case *apiext.JSONSchemaPropsOrArray:
		if depth < 6 {
			x.Schema = &apiext.JSONSchemaProps{Type: "string"}
		} else {
			x.JSONSchemas = []apiext.JSONSchemaProps{{Type: "a"}, {Type: "b"}}
		}
		return
	case *apiext.JSONSchemaPropsOrBool:
		if n%2 == 0 {
			x.Allows = true
		} else {
			x.Allows = true
			x.Schema = &apiext.JSONSchemaProps{Type: "string"}
		}
		return
	case *apiext.JSONSchemaPropsOrStringArray:
		x.Property = []string{"a", "b"}
		return
	}
	switch v.Kind() {
	case reflect.Ptr:
		if depth > 9 {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case reflect.Struct:
		if v.Type() == reflect.TypeOf(metav1.TypeMeta{}) {
			return
		}
		if v.Type() == reflect.TypeOf(apiext.JSONSchemaProps{}) && depth > 8 {
			return
		}
		for i := 0; i < v.NumField(); i++ {
			if v.Type().Field(i).PkgPath != "" {
				continue
			}
			fill(v.Field(i), depth+1)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte{1, 2, byte(n), 255})
			return
		}
		if depth > 9 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), depth+1)
		if v.Type().Elem().Kind() != reflect.Struct {
			fill(v.Index(1), depth+1)
		} else {
			v.Set(v.Slice(0, 1))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		e := reflect.New(v.Type().Elem()).Elem()
		if depth > 9 && e.Kind() == reflect.Struct {
			return
		}
		fill(e, depth+1)
		k := reflect.New(v.Type().Key()).Elem()
		k.SetString(fmt.Sprintf("key%d", n))
		v.SetMapIndex(k, e)
	case reflect.String:
		v.SetString(fmt.Sprintf("s%d", n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32:
		v.SetInt(int64(n) - 100)
	case reflect.Int64, reflect.Int:
		v.SetInt(-int64(n) * 1000000007)
	case reflect.Float64:
		v.SetFloat(float64(n) / 8)
	case reflect.Uint8:
	default:
		panic(v.Kind().String() + v.Type().String())
	}
}

func main() {
	scheme := runtime.NewScheme()
	type adder = func(*runtime.Scheme) error
	for _, a := range []adder{corev1.AddToScheme, appsv1.AddToScheme, authn.AddToScheme, authz.AddToScheme, as1.AddToScheme, as2.AddToScheme, batchv1.AddToScheme, coord.AddToScheme, disc.AddToScheme, ev.AddToScheme, netv1.AddToScheme, policy.AddToScheme, rbac.AddToScheme, sched.AddToScheme, storage.AddToScheme, apiext.AddToScheme} {
		if err := a(scheme); err != nil {
			panic(err)
		}
	}
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	ser := protobuf.NewSerializer(scheme, scheme)
	out := []map[string]any{}
	for _, w := range kinds {
		i := strings.LastIndex(w, "/")
		gv, err := schema.ParseGroupVersion(w[:i])
		if err != nil {
			panic(err)
		}
		gvk := gv.WithKind(w[i+1:])
		for _, full := range []bool{true, false} {
			obj, err := scheme.New(gvk)
			if err != nil {
				panic(err)
			}
			if full {
				fill(reflect.ValueOf(obj).Elem(), 0)
			}
			obj.GetObjectKind().SetGroupVersionKind(gvk)
			var b bytes.Buffer
			if err := ser.Encode(obj, &b); err != nil {
				panic(err)
			}
			j, err := json.Marshal(obj)
			if err != nil {
				panic(w + err.Error())
			}
			out = append(out, map[string]any{"kind": w, "body": base64.StdEncoding.EncodeToString(b.Bytes()), "object": json.RawMessage(j)})
		}
	}
	json.NewEncoder(os.Stdout).Encode(out)
}
