/*
 * Written by scripts/rbac-policy/generate.mjs from Kubernetes 1.32.2; do not edit. Copyright The Kubernetes Authors,
 * Apache-2.0.
 */
import type { BootstrapBinding, BootstrapRole } from './rbac-objects.ts'

export const CLUSTER_ROLES: readonly BootstrapRole[] = [
  {
    name: 'admin',
    from: 'admin',
    rules: [],
  },
  {
    name: 'cluster-admin',
    rules: ['*;*;*', '*;;;;*'],
  },
  {
    name: 'edit',
    into: 'admin',
    from: 'edit',
    rules: [],
  },
  {
    name: 'system:aggregate-to-admin',
    into: 'admin',
    rules: [
      'create;authorization.k8s.io;localsubjectaccessreviews',
      'create,delete,deletecollection,get,list,patch,update,watch;rbac.authorization.k8s.io;rolebindings,roles',
    ],
  },
  {
    name: 'system:aggregate-to-edit',
    into: 'edit',
    rules: [
      'get,list,watch;;pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy',
      'impersonate;;serviceaccounts',
      'create,delete,deletecollection,patch,update;;pods,pods/attach,pods/exec,pods/portforward,pods/proxy',
      'create;;pods/eviction',
      'create,delete,deletecollection,patch,update;;configmaps,events,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy',
      'create;;serviceaccounts/token',
      'create,delete,deletecollection,patch,update;apps;daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale',
      'create,delete,deletecollection,patch,update;autoscaling;horizontalpodautoscalers',
      'create,delete,deletecollection,patch,update;batch;cronjobs,jobs',
      'create,delete,deletecollection,patch,update;extensions;daemonsets,deployments,deployments/rollback,deployments/scale,ingresses,networkpolicies,replicasets,replicasets/scale,replicationcontrollers/scale',
      'create,delete,deletecollection,patch,update;policy;poddisruptionbudgets',
      'create,delete,deletecollection,patch,update;networking.k8s.io;ingresses,networkpolicies',
      'create,delete,deletecollection,get,list,patch,update,watch;coordination.k8s.io;leases',
    ],
  },
  {
    name: 'system:aggregate-to-view',
    into: 'view',
    rules: [
      'get,list,watch;;configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status',
      'get,list,watch;;bindings,events,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status',
      'get,list,watch;;namespaces',
      'get,list,watch;discovery.k8s.io;endpointslices',
      'get,list,watch;apps;controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status',
      'get,list,watch;autoscaling;horizontalpodautoscalers,horizontalpodautoscalers/status',
      'get,list,watch;batch;cronjobs,cronjobs/status,jobs,jobs/status',
      'get,list,watch;extensions;daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale',
      'get,list,watch;policy;poddisruptionbudgets,poddisruptionbudgets/status',
      'get,list,watch;networking.k8s.io;ingresses,ingresses/status,networkpolicies',
    ],
  },
  {
    name: 'system:auth-delegator',
    rules: [
      'create;authentication.k8s.io;tokenreviews',
      'create;authorization.k8s.io;subjectaccessreviews',
    ],
  },
  {
    name: 'system:basic-user',
    rules: [
      'create;authorization.k8s.io;selfsubjectaccessreviews,selfsubjectrulesreviews',
      'create;authentication.k8s.io;selfsubjectreviews',
    ],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    rules: ['create;certificates.k8s.io;certificatesigningrequests/nodeclient'],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    rules: ['create;certificates.k8s.io;certificatesigningrequests/selfnodeclient'],
  },
  {
    name: 'system:certificates.k8s.io:kube-apiserver-client-approver',
    rules: ['approve;certificates.k8s.io;signers;kubernetes.io/kube-apiserver-client'],
  },
  {
    name: 'system:certificates.k8s.io:kube-apiserver-client-kubelet-approver',
    rules: ['approve;certificates.k8s.io;signers;kubernetes.io/kube-apiserver-client-kubelet'],
  },
  {
    name: 'system:certificates.k8s.io:kubelet-serving-approver',
    rules: ['approve;certificates.k8s.io;signers;kubernetes.io/kubelet-serving'],
  },
  {
    name: 'system:certificates.k8s.io:legacy-unknown-approver',
    rules: ['approve;certificates.k8s.io;signers;kubernetes.io/legacy-unknown'],
  },
  {
    name: 'system:discovery',
    rules: [
      'get;;;;/api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/',
    ],
  },
  {
    name: 'system:heapster',
    rules: [
      'get,list,watch;;events,namespaces,nodes,pods',
      'get,list,watch;extensions;deployments',
    ],
  },
  {
    name: 'system:kube-aggregator',
    rules: ['get,list,watch;;endpoints,services'],
  },
  {
    name: 'system:kube-controller-manager',
    rules: [
      'create,patch,update;,events.k8s.io;events',
      'create;coordination.k8s.io;leases',
      'get,update;coordination.k8s.io;leases;kube-controller-manager',
      'create;;secrets,serviceaccounts',
      'delete;;secrets',
      'get;;configmaps,namespaces,secrets,serviceaccounts',
      'update;;secrets,serviceaccounts',
      'create;authentication.k8s.io;tokenreviews',
      'create;authorization.k8s.io;subjectaccessreviews',
      'list,watch;*;*',
      'create;;serviceaccounts/token',
    ],
  },
  {
    name: 'system:kube-dns',
    rules: ['list,watch;;endpoints,services'],
  },
  {
    name: 'system:kube-scheduler',
    rules: [
      'create,patch,update;,events.k8s.io;events',
      'create;coordination.k8s.io;leases',
      'get,list,update,watch;coordination.k8s.io;leases;kube-scheduler',
      'create,delete,deletecollection,get,list,patch,update,watch;coordination.k8s.io;leasecandidates',
      'get,list,watch;;nodes',
      'delete,get,list,watch;;pods',
      'create;;bindings,pods/binding',
      'patch,update;;pods/status',
      'get,list,watch;;replicationcontrollers,services',
      'get,list,watch;apps,extensions;replicasets',
      'get,list,watch;apps;statefulsets',
      'get,list,watch;policy;poddisruptionbudgets',
      'get,list,watch;;persistentvolumeclaims,persistentvolumes',
      'create;authentication.k8s.io;tokenreviews',
      'create;authorization.k8s.io;subjectaccessreviews',
      'get,list,watch;storage.k8s.io;csinodes',
      'get,list,watch;storage.k8s.io;volumeattachments',
      'get,list,watch;;namespaces',
      'get,list,watch;storage.k8s.io;csidrivers',
      'get,list,watch;storage.k8s.io;csistoragecapacities',
    ],
  },
  {
    name: 'system:kubelet-api-admin',
    rules: [
      'get,list,watch;;nodes',
      'proxy;;nodes',
      '*;;nodes/log,nodes/metrics,nodes/proxy,nodes/stats',
    ],
  },
  {
    name: 'system:monitoring',
    rules: ['get;;;;/healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*'],
  },
  {
    name: 'system:node',
    rules: [
      'create;authentication.k8s.io;tokenreviews',
      'create;authorization.k8s.io;localsubjectaccessreviews,subjectaccessreviews',
      'get,list,watch;;services',
      'create,get,list,watch;;nodes',
      'patch,update;;nodes/status',
      'patch,update;;nodes',
      'create,patch,update;;events',
      'get,list,watch;;pods',
      'create,delete;;pods',
      'patch,update;;pods/status',
      'create;;pods/eviction',
      'get,list,watch;;configmaps,secrets',
      'get;;persistentvolumeclaims,persistentvolumes',
      'get;;endpoints',
      'create,get,list,watch;certificates.k8s.io;certificatesigningrequests',
      'create,delete,get,patch,update;coordination.k8s.io;leases',
      'get;storage.k8s.io;volumeattachments',
      'create;;serviceaccounts/token',
      'get,patch,update;;persistentvolumeclaims/status',
      'get,list,watch;storage.k8s.io;csidrivers',
      'create,delete,get,patch,update;storage.k8s.io;csinodes',
      'get,list,watch;node.k8s.io;runtimeclasses',
    ],
  },
  {
    name: 'system:node-bootstrapper',
    rules: ['create,get,list,watch;certificates.k8s.io;certificatesigningrequests'],
  },
  {
    name: 'system:node-problem-detector',
    rules: ['get;;nodes', 'patch;;nodes/status', 'create,patch,update;,events.k8s.io;events'],
  },
  {
    name: 'system:node-proxier',
    rules: [
      'list,watch;;endpoints,services',
      'get,list,watch;;nodes',
      'create,patch,update;,events.k8s.io;events',
      'list,watch;discovery.k8s.io;endpointslices',
    ],
  },
  {
    name: 'system:persistent-volume-provisioner',
    rules: [
      'create,delete,get,list,watch;;persistentvolumes',
      'get,list,update,watch;;persistentvolumeclaims',
      'get,list,watch;storage.k8s.io;storageclasses',
      'watch;;events',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:public-info-viewer',
    rules: ['get;;;;/healthz,/livez,/readyz,/version,/version/'],
  },
  {
    name: 'system:service-account-issuer-discovery',
    rules: [
      'get;;;;/.well-known/openid-configuration,/.well-known/openid-configuration/,/openid/v1/jwks,/openid/v1/jwks/',
    ],
  },
  {
    name: 'system:volume-scheduler',
    rules: [
      'get,list,patch,update,watch;;persistentvolumes',
      'get,list,watch;storage.k8s.io;storageclasses',
      'get,list,patch,update,watch;;persistentvolumeclaims',
    ],
  },
  {
    name: 'view',
    into: 'edit',
    from: 'view',
    rules: [],
  },
  {
    name: 'system:controller:attachdetach-controller',
    rules: [
      'list,watch;;persistentvolumeclaims,persistentvolumes',
      'get,list,watch;;nodes',
      'patch,update;;nodes/status',
      'list,watch;;pods',
      'create,patch,update;,events.k8s.io;events',
      'create,delete,get,list,watch;storage.k8s.io;volumeattachments',
      'get,list,watch;storage.k8s.io;csidrivers',
      'get,list,watch;storage.k8s.io;csinodes',
    ],
  },
  {
    name: 'system:controller:certificate-controller',
    rules: [
      'delete,get,list,watch;certificates.k8s.io;certificatesigningrequests',
      'update;certificates.k8s.io;certificatesigningrequests/approval,certificatesigningrequests/status',
      'approve;certificates.k8s.io;signers;kubernetes.io/kube-apiserver-client-kubelet',
      'sign;certificates.k8s.io;signers;kubernetes.io/kube-apiserver-client,kubernetes.io/kube-apiserver-client-kubelet,kubernetes.io/kubelet-serving,kubernetes.io/legacy-unknown',
      'create;authorization.k8s.io;subjectaccessreviews',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:controller:clusterrole-aggregation-controller',
    rules: ['escalate,get,list,patch,update,watch;rbac.authorization.k8s.io;clusterroles'],
  },
  {
    name: 'system:controller:cronjob-controller',
    rules: [
      'get,list,update,watch;batch;cronjobs',
      'create,delete,get,list,patch,update,watch;batch;jobs',
      'update;batch;cronjobs/status',
      'update;batch;cronjobs/finalizers',
      'delete,list;;pods',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:controller:daemon-set-controller',
    rules: [
      'get,list,watch;apps,extensions;daemonsets',
      'update;apps,extensions;daemonsets/status',
      'update;apps,extensions;daemonsets/finalizers',
      'list,watch;;nodes',
      'create,delete,list,patch,watch;;pods',
      'create;;pods/binding',
      'create,delete,get,list,patch,update,watch;apps;controllerrevisions',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:controller:deployment-controller',
    rules: [
      'get,list,update,watch;apps,extensions;deployments',
      'update;apps,extensions;deployments/status',
      'update;apps,extensions;deployments/finalizers',
      'create,delete,get,list,patch,update,watch;apps,extensions;replicasets',
      'get,list,update,watch;;pods',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:controller:disruption-controller',
    rules: [
      'get,list,watch;apps,extensions;deployments',
      'get,list,watch;apps,extensions;replicasets',
      'get,list,watch;;replicationcontrollers',
      'get,list,watch;policy;poddisruptionbudgets',
      'get,list,watch;apps;statefulsets',
      'update;policy;poddisruptionbudgets/status',
      'patch,update;;pods/status',
      'get;*;*/scale',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:controller:endpoint-controller',
    rules: [
      'get,list,watch;;pods,services',
      'create,delete,get,list,update;;endpoints',
      'create;;endpoints/restricted',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:controller:endpointslice-controller',
    rules: [
      'get,list,watch;;nodes,pods,services',
      'update;;services/finalizers',
      'create,delete,get,list,update;discovery.k8s.io;endpointslices',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:controller:endpointslicemirroring-controller',
    rules: [
      'get,list,watch;;endpoints,services',
      'update;;services/finalizers',
      'update;;endpoints/finalizers',
      'create,delete,get,list,update;discovery.k8s.io;endpointslices',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:controller:ephemeral-volume-controller',
    rules: [
      'get,list,watch;;pods',
      'update;;pods/finalizers',
      'create,get,list,watch;;persistentvolumeclaims',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:controller:expand-controller',
    rules: [
      'get,list,patch,update,watch;;persistentvolumes',
      'patch,update;;persistentvolumeclaims/status',
      'get,list,watch;;persistentvolumeclaims',
      'create,patch,update;,events.k8s.io;events',
      'get;;services',
    ],
  },
  {
    name: 'system:controller:generic-garbage-collector',
    rules: ['delete,get,list,patch,update,watch;*;*', 'create,patch,update;,events.k8s.io;events'],
  },
  {
    name: 'system:controller:horizontal-pod-autoscaler',
    rules: [
      'get,list,watch;autoscaling;horizontalpodautoscalers',
      'update;autoscaling;horizontalpodautoscalers/status',
      'get,update;*;*/scale',
      'list;;pods',
      'list;metrics.k8s.io;pods',
      'get,list;custom.metrics.k8s.io;*',
      'get,list;external.metrics.k8s.io;*',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:controller:job-controller',
    rules: [
      'get,list,patch,update,watch;batch;jobs',
      'update;batch;jobs/status',
      'update;batch;jobs/finalizers',
      'create,delete,list,patch,watch;;pods',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:controller:legacy-service-account-token-cleaner',
    rules: [
      'get;;configmaps;kube-apiserver-legacy-service-account-token-tracking',
      'delete,patch;;secrets',
    ],
  },
  {
    name: 'system:controller:namespace-controller',
    rules: [
      'delete,get,list,watch;;namespaces',
      'update;;namespaces/finalize,namespaces/status',
      'delete,deletecollection,get,list,watch;*;*',
    ],
  },
  {
    name: 'system:controller:node-controller',
    rules: [
      'delete,get,list,patch,update;;nodes',
      'patch,update;;nodes/status',
      'patch,update;;pods/status',
      'delete,get,list;;pods',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:controller:persistent-volume-binder',
    rules: [
      'create,delete,get,list,update,watch;;persistentvolumes',
      'update;;persistentvolumes/status',
      'get,list,update,watch;;persistentvolumeclaims',
      'update;;persistentvolumeclaims/status',
      'create,delete,get,list,watch;;pods',
      'get,list,watch;storage.k8s.io;storageclasses',
      'list,watch;;nodes',
      'create,patch,update;,events.k8s.io;events',
      'watch;;events',
      'get;;services',
    ],
  },
  {
    name: 'system:controller:pod-garbage-collector',
    rules: ['delete,list,watch;;pods', 'get,list;;nodes', 'patch;;pods/status'],
  },
  {
    name: 'system:controller:pv-protection-controller',
    rules: [
      'get,list,update,watch;;persistentvolumes',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:controller:pvc-protection-controller',
    rules: [
      'get,list,update,watch;;persistentvolumeclaims',
      'get,list,watch;;pods',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:controller:replicaset-controller',
    rules: [
      'get,list,update,watch;apps,extensions;replicasets',
      'update;apps,extensions;replicasets/status',
      'update;apps,extensions;replicasets/finalizers',
      'create,delete,list,patch,watch;;pods',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:controller:replication-controller',
    rules: [
      'get,list,update,watch;;replicationcontrollers',
      'update;;replicationcontrollers/status',
      'update;;replicationcontrollers/finalizers',
      'create,delete,list,patch,watch;;pods',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:controller:resourcequota-controller',
    rules: [
      'list,watch;*;*',
      'update;;resourcequotas/status',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:controller:root-ca-cert-publisher',
    rules: ['create,update;;configmaps', 'create,patch,update;,events.k8s.io;events'],
  },
  {
    name: 'system:controller:route-controller',
    rules: [
      'list,watch;;nodes',
      'patch;;nodes/status',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:controller:service-account-controller',
    rules: ['create;;serviceaccounts', 'create,patch,update;,events.k8s.io;events'],
  },
  {
    name: 'system:controller:service-controller',
    rules: [
      'get,list,watch;;services',
      'patch,update;;services/status',
      'list,watch;;nodes',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    name: 'system:controller:statefulset-controller',
    rules: [
      'list,watch;;pods',
      'get,list,watch;apps;statefulsets',
      'update;apps;statefulsets/status',
      'update;apps;statefulsets/finalizers',
      'create,delete,get,patch,update;;pods',
      'create,delete,get,list,patch,update,watch;apps;controllerrevisions',
      'create,get,list,watch;;persistentvolumeclaims',
      'create,patch,update;,events.k8s.io;events',
      'delete,update;;persistentvolumeclaims',
      'update;;pods/finalizers',
    ],
  },
  {
    name: 'system:controller:ttl-after-finished-controller',
    rules: ['delete,get,list,watch;batch;jobs', 'create,patch,update;,events.k8s.io;events'],
  },
  {
    name: 'system:controller:ttl-controller',
    rules: ['list,patch,update,watch;;nodes', 'create,patch,update;,events.k8s.io;events'],
  },
  {
    name: 'system:controller:validatingadmissionpolicy-status-controller',
    rules: [
      'get,list,watch;admissionregistration.k8s.io;validatingadmissionpolicies',
      'get,patch,update;admissionregistration.k8s.io;validatingadmissionpolicies/status',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
]

export const CLUSTER_ROLE_BINDINGS: readonly BootstrapBinding[] = [
  {
    name: 'cluster-admin',
    subjects: ['Group system:masters'],
  },
  {
    name: 'system:basic-user',
    subjects: ['Group system:authenticated'],
  },
  {
    name: 'system:discovery',
    subjects: ['Group system:authenticated'],
  },
  {
    name: 'system:kube-controller-manager',
    subjects: ['User system:kube-controller-manager'],
  },
  {
    name: 'system:kube-dns',
    subjects: ['ServiceAccount kube-system/kube-dns'],
  },
  {
    name: 'system:kube-scheduler',
    subjects: ['User system:kube-scheduler'],
  },
  {
    name: 'system:monitoring',
    subjects: ['Group system:monitoring'],
  },
  {
    name: 'system:node',
    subjects: [],
  },
  {
    name: 'system:node-proxier',
    subjects: ['User system:kube-proxy'],
  },
  {
    name: 'system:public-info-viewer',
    subjects: ['Group system:authenticated', 'Group system:unauthenticated'],
  },
  {
    name: 'system:service-account-issuer-discovery',
    subjects: ['Group system:serviceaccounts'],
  },
  {
    name: 'system:volume-scheduler',
    subjects: ['User system:kube-scheduler'],
  },
  {
    name: 'system:controller:attachdetach-controller',
    subjects: ['ServiceAccount kube-system/attachdetach-controller'],
  },
  {
    name: 'system:controller:certificate-controller',
    subjects: ['ServiceAccount kube-system/certificate-controller'],
  },
  {
    name: 'system:controller:clusterrole-aggregation-controller',
    subjects: ['ServiceAccount kube-system/clusterrole-aggregation-controller'],
  },
  {
    name: 'system:controller:cronjob-controller',
    subjects: ['ServiceAccount kube-system/cronjob-controller'],
  },
  {
    name: 'system:controller:daemon-set-controller',
    subjects: ['ServiceAccount kube-system/daemon-set-controller'],
  },
  {
    name: 'system:controller:deployment-controller',
    subjects: ['ServiceAccount kube-system/deployment-controller'],
  },
  {
    name: 'system:controller:disruption-controller',
    subjects: ['ServiceAccount kube-system/disruption-controller'],
  },
  {
    name: 'system:controller:endpoint-controller',
    subjects: ['ServiceAccount kube-system/endpoint-controller'],
  },
  {
    name: 'system:controller:endpointslice-controller',
    subjects: ['ServiceAccount kube-system/endpointslice-controller'],
  },
  {
    name: 'system:controller:endpointslicemirroring-controller',
    subjects: ['ServiceAccount kube-system/endpointslicemirroring-controller'],
  },
  {
    name: 'system:controller:ephemeral-volume-controller',
    subjects: ['ServiceAccount kube-system/ephemeral-volume-controller'],
  },
  {
    name: 'system:controller:expand-controller',
    subjects: ['ServiceAccount kube-system/expand-controller'],
  },
  {
    name: 'system:controller:generic-garbage-collector',
    subjects: ['ServiceAccount kube-system/generic-garbage-collector'],
  },
  {
    name: 'system:controller:horizontal-pod-autoscaler',
    subjects: ['ServiceAccount kube-system/horizontal-pod-autoscaler'],
  },
  {
    name: 'system:controller:job-controller',
    subjects: ['ServiceAccount kube-system/job-controller'],
  },
  {
    name: 'system:controller:legacy-service-account-token-cleaner',
    subjects: ['ServiceAccount kube-system/legacy-service-account-token-cleaner'],
  },
  {
    name: 'system:controller:namespace-controller',
    subjects: ['ServiceAccount kube-system/namespace-controller'],
  },
  {
    name: 'system:controller:node-controller',
    subjects: ['ServiceAccount kube-system/node-controller'],
  },
  {
    name: 'system:controller:persistent-volume-binder',
    subjects: ['ServiceAccount kube-system/persistent-volume-binder'],
  },
  {
    name: 'system:controller:pod-garbage-collector',
    subjects: ['ServiceAccount kube-system/pod-garbage-collector'],
  },
  {
    name: 'system:controller:pv-protection-controller',
    subjects: ['ServiceAccount kube-system/pv-protection-controller'],
  },
  {
    name: 'system:controller:pvc-protection-controller',
    subjects: ['ServiceAccount kube-system/pvc-protection-controller'],
  },
  {
    name: 'system:controller:replicaset-controller',
    subjects: ['ServiceAccount kube-system/replicaset-controller'],
  },
  {
    name: 'system:controller:replication-controller',
    subjects: ['ServiceAccount kube-system/replication-controller'],
  },
  {
    name: 'system:controller:resourcequota-controller',
    subjects: ['ServiceAccount kube-system/resourcequota-controller'],
  },
  {
    name: 'system:controller:root-ca-cert-publisher',
    subjects: ['ServiceAccount kube-system/root-ca-cert-publisher'],
  },
  {
    name: 'system:controller:route-controller',
    subjects: ['ServiceAccount kube-system/route-controller'],
  },
  {
    name: 'system:controller:service-account-controller',
    subjects: ['ServiceAccount kube-system/service-account-controller'],
  },
  {
    name: 'system:controller:service-controller',
    subjects: ['ServiceAccount kube-system/service-controller'],
  },
  {
    name: 'system:controller:statefulset-controller',
    subjects: ['ServiceAccount kube-system/statefulset-controller'],
  },
  {
    name: 'system:controller:ttl-after-finished-controller',
    subjects: ['ServiceAccount kube-system/ttl-after-finished-controller'],
  },
  {
    name: 'system:controller:ttl-controller',
    subjects: ['ServiceAccount kube-system/ttl-controller'],
  },
  {
    name: 'system:controller:validatingadmissionpolicy-status-controller',
    subjects: ['ServiceAccount kube-system/validatingadmissionpolicy-status-controller'],
  },
]

export const ROLES: readonly BootstrapRole[] = [
  {
    namespace: 'kube-public',
    name: 'system:controller:bootstrap-signer',
    rules: [
      'get,list,watch;;configmaps',
      'update;;configmaps;cluster-info',
      'create,patch,update;,events.k8s.io;events',
    ],
  },
  {
    namespace: 'kube-system',
    name: 'extension-apiserver-authentication-reader',
    rules: ['get,list,watch;;configmaps;extension-apiserver-authentication'],
  },
  {
    namespace: 'kube-system',
    name: 'system::leader-locking-kube-controller-manager',
    rules: [
      'watch;;configmaps',
      'get,update;;configmaps;kube-controller-manager',
      'create,get,list,update,watch;coordination.k8s.io;leases',
      'create,get,list,update,watch;coordination.k8s.io;leasecandidates',
    ],
  },
  {
    namespace: 'kube-system',
    name: 'system::leader-locking-kube-scheduler',
    rules: [
      'watch;;configmaps',
      'get,update;;configmaps;kube-scheduler',
      'create,get,list,update,watch;coordination.k8s.io;leases',
      'create,get,list,update,watch;coordination.k8s.io;leasecandidates',
    ],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:bootstrap-signer',
    rules: ['get,list,watch;;secrets'],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:cloud-provider',
    rules: ['create,get,list,watch;;configmaps'],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:token-cleaner',
    rules: ['delete,get,list,watch;;secrets', 'create,patch,update;,events.k8s.io;events'],
  },
]

export const ROLE_BINDINGS: readonly BootstrapBinding[] = [
  {
    namespace: 'kube-public',
    name: 'system:controller:bootstrap-signer',
    subjects: ['ServiceAccount kube-system/bootstrap-signer'],
  },
  {
    namespace: 'kube-system',
    name: 'system::extension-apiserver-authentication-reader',
    role: 'extension-apiserver-authentication-reader',
    subjects: ['User system:kube-controller-manager', 'User system:kube-scheduler'],
  },
  {
    namespace: 'kube-system',
    name: 'system::leader-locking-kube-controller-manager',
    subjects: [
      'User system:kube-controller-manager',
      'ServiceAccount kube-system/kube-controller-manager',
      'ServiceAccount kube-system/leader-election-controller',
    ],
  },
  {
    namespace: 'kube-system',
    name: 'system::leader-locking-kube-scheduler',
    subjects: ['User system:kube-scheduler', 'ServiceAccount kube-system/kube-scheduler'],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:bootstrap-signer',
    subjects: ['ServiceAccount kube-system/bootstrap-signer'],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:cloud-provider',
    subjects: ['ServiceAccount kube-system/cloud-provider'],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:token-cleaner',
    subjects: ['ServiceAccount kube-system/token-cleaner'],
  },
]
