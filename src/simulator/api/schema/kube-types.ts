/**
 * Written by scripts/kube-types/generate.mjs from Kubernetes 1.32.2; do not edit. Copyright The Kubernetes Authors,
 * Apache-2.0.
 *
 * The fields of each Go struct that the served kinds reach, `name:type`. Behind a name, `*` is a pointer in Go and `+` a field without
 * `omitempty`. Types are scalars, structs, `{}T` maps and `[]T` lists; in `[a,b;c]T`, a and b are the keys of a list that merges by key in
 * server-side apply, c the key of strategic merge patch, and `=` the item itself. `!` is replaced whole. `string=v1.Protocol` names the
 * Go type.
 */
export const KUBE_TYPES: Readonly<Record<string, string>> = {
  AWSElasticBlockStoreVolumeSource: 'fsType:string partition:int32 readOnly:bool volumeID+:string',
  Affinity: 'nodeAffinity*:NodeAffinity podAffinity*:PodAffinity podAntiAffinity*:PodAntiAffinity',
  AggregationRule: 'clusterRoleSelectors:[]LabelSelector',
  AppArmorProfile: 'localhostProfile*:string type+:string=v1.AppArmorProfileType',
  AttachedVolume: 'devicePath+:string name+:string=v1.UniqueVolumeName',
  AutoscalingV1CrossVersionObjectReference: '! apiVersion:string kind+:string name+:string',
  AutoscalingV1HorizontalPodAutoscaler:
    'apiVersion:string kind:string metadata:ObjectMeta spec:AutoscalingV1HorizontalPodAutoscalerSpec status:AutoscalingV1HorizontalPodAutoscalerStatus',
  AutoscalingV1HorizontalPodAutoscalerSpec:
    'maxReplicas+:int32 minReplicas*:int32 scaleTargetRef+:AutoscalingV1CrossVersionObjectReference targetCPUUtilizationPercentage*:int32',
  AutoscalingV1HorizontalPodAutoscalerStatus:
    'currentCPUUtilizationPercentage*:int32 currentReplicas+:int32 desiredReplicas+:int32 lastScaleTime*:time observedGeneration*:int64',
  AutoscalingV2CrossVersionObjectReference: 'apiVersion:string kind+:string name+:string',
  AutoscalingV2HorizontalPodAutoscaler:
    'apiVersion:string kind:string metadata:ObjectMeta spec:AutoscalingV2HorizontalPodAutoscalerSpec status:AutoscalingV2HorizontalPodAutoscalerStatus',
  AutoscalingV2HorizontalPodAutoscalerSpec:
    'behavior*:HorizontalPodAutoscalerBehavior maxReplicas+:int32 metrics:[]MetricSpec minReplicas*:int32 scaleTargetRef+:AutoscalingV2CrossVersionObjectReference',
  AutoscalingV2HorizontalPodAutoscalerStatus:
    'conditions:[type;type]HorizontalPodAutoscalerCondition currentMetrics+:[]MetricStatus currentReplicas:int32 desiredReplicas+:int32 lastScaleTime*:time observedGeneration*:int64',
  AzureDiskVolumeSource:
    'cachingMode*:string=v1.AzureDataDiskCachingMode diskName+:string diskURI+:string fsType*:string kind*:string=v1.AzureDataDiskKind readOnly*:bool',
  AzureFilePersistentVolumeSource:
    'readOnly:bool secretName+:string secretNamespace*+:string shareName+:string',
  AzureFileVolumeSource: 'readOnly:bool secretName+:string shareName+:string',
  Binding: 'apiVersion:string kind:string metadata:ObjectMeta target+:ObjectReference',
  BoundObjectReference: 'apiVersion:string kind:string name:string uid:string=types.UID',
  CSIPersistentVolumeSource:
    'controllerExpandSecretRef*:SecretReference controllerPublishSecretRef*:SecretReference driver+:string fsType:string nodeExpandSecretRef*:SecretReference nodePublishSecretRef*:SecretReference nodeStageSecretRef*:SecretReference readOnly:bool volumeAttributes:{}string volumeHandle+:string',
  CSIVolumeSource:
    'driver+:string fsType*:string nodePublishSecretRef*:LocalObjectReference readOnly*:bool volumeAttributes:{}string',
  Capabilities: 'add:[]string=v1.Capability drop:[]string=v1.Capability',
  CephFSPersistentVolumeSource:
    'monitors+:[]string path:string readOnly:bool secretFile:string secretRef*:SecretReference user:string',
  CephFSVolumeSource:
    'monitors+:[]string path:string readOnly:bool secretFile:string secretRef*:LocalObjectReference user:string',
  CinderPersistentVolumeSource:
    'fsType:string readOnly:bool secretRef*:SecretReference volumeID+:string',
  CinderVolumeSource:
    'fsType:string readOnly:bool secretRef*:LocalObjectReference volumeID+:string',
  ClientIPConfig: 'timeoutSeconds*:int32',
  ClusterRole:
    'aggregationRule*:AggregationRule apiVersion:string kind:string metadata:ObjectMeta rules+:[]PolicyRule',
  ClusterRoleBinding:
    'apiVersion:string kind:string metadata:ObjectMeta roleRef+:RoleRef subjects:[]Subject',
  ClusterTrustBundleProjection:
    'labelSelector*:LabelSelector name*:string optional*:bool path+:string signerName*:string',
  Condition:
    'lastTransitionTime+:time message+:string observedGeneration:int64 reason+:string status+:string=v1.ConditionStatus type+:string',
  ConfigMap:
    'apiVersion:string binaryData:{}bytes data:{}string immutable*:bool kind:string metadata:ObjectMeta',
  ConfigMapEnvSource: 'name:string optional*:bool',
  ConfigMapKeySelector: '! key+:string name:string optional*:bool',
  ConfigMapNodeConfigSource:
    'kubeletConfigKey+:string name+:string namespace+:string resourceVersion:string uid:string=types.UID',
  ConfigMapProjection: 'items:[]KeyToPath name:string optional*:bool',
  ConfigMapVolumeSource: 'defaultMode*:int32 items:[]KeyToPath name:string optional*:bool',
  Container:
    'args:[]string command:[]string env:[name;name]EnvVar envFrom:[]EnvFromSource image:string imagePullPolicy:string=v1.PullPolicy lifecycle*:Lifecycle livenessProbe*:Probe name+:string ports:[containerPort,protocol;containerPort]ContainerPort readinessProbe*:Probe resizePolicy:[]ContainerResizePolicy resources:ResourceRequirements restartPolicy*:string=v1.ContainerRestartPolicy securityContext*:SecurityContext startupProbe*:Probe stdin:bool stdinOnce:bool terminationMessagePath:string terminationMessagePolicy:string=v1.TerminationMessagePolicy tty:bool volumeDevices:[devicePath;devicePath]VolumeDevice volumeMounts:[mountPath;mountPath]VolumeMount workingDir:string',
  ContainerImage: 'names+:[]string sizeBytes:int64',
  ContainerPort:
    'containerPort+:int32 hostIP:string hostPort:int32 name:string protocol:string=v1.Protocol',
  ContainerResizePolicy:
    'resourceName+:string=v1.ResourceName restartPolicy+:string=v1.ResourceResizeRestartPolicy',
  ContainerResourceMetricSource:
    'container+:string name+:string=v1.ResourceName target+:MetricTarget',
  ContainerResourceMetricStatus:
    'container+:string current+:MetricValueStatus name+:string=v1.ResourceName',
  ContainerState:
    'running*:ContainerStateRunning terminated*:ContainerStateTerminated waiting*:ContainerStateWaiting',
  ContainerStateRunning: 'startedAt:time',
  ContainerStateTerminated:
    'containerID:string exitCode+:int32 finishedAt:time message:string reason:string signal:int32 startedAt:time',
  ContainerStateWaiting: 'message:string reason:string',
  ContainerStatus:
    'allocatedResources:{}quantity allocatedResourcesStatus:[name;name]ResourceStatus containerID:string image+:string imageID+:string lastState:ContainerState name+:string ready+:bool resources*:ResourceRequirements restartCount+:int32 started*:bool state:ContainerState user*:ContainerUser volumeMounts:[mountPath;mountPath]VolumeMountStatus',
  ContainerUser: 'linux*:LinuxContainerUser',
  ControllerRevision: 'apiVersion:string data:any kind:string metadata:ObjectMeta revision+:int64',
  CoreV1EndpointPort: '! appProtocol*:string name:string port+:int32 protocol:string=v1.Protocol',
  CoreV1Event:
    'action:string apiVersion:string count:int32 eventTime:microtime firstTimestamp:time involvedObject+:ObjectReference kind:string lastTimestamp:time message:string metadata+:ObjectMeta reason:string related*:ObjectReference reportingComponent+:string reportingInstance+:string series*:CoreV1EventSeries source:EventSource type:string',
  CoreV1EventSeries: 'count:int32 lastObservedTime:microtime',
  CronJob:
    'apiVersion:string kind:string metadata:ObjectMeta spec:CronJobSpec status:CronJobStatus',
  CronJobSpec:
    'concurrencyPolicy:string=v1.ConcurrencyPolicy failedJobsHistoryLimit*:int32 jobTemplate+:JobTemplateSpec schedule+:string startingDeadlineSeconds*:int64 successfulJobsHistoryLimit*:int32 suspend*:bool timeZone*:string',
  CronJobStatus: 'active:[]ObjectReference lastScheduleTime*:time lastSuccessfulTime*:time',
  CustomResourceColumnDefinition:
    'description:string format:string jsonPath+:string name+:string priority:int32 type+:string',
  CustomResourceConversion: 'strategy+:string=v1.ConversionStrategyType webhook*:WebhookConversion',
  CustomResourceDefinition:
    'apiVersion:string kind:string metadata:ObjectMeta spec+:CustomResourceDefinitionSpec status:CustomResourceDefinitionStatus',
  CustomResourceDefinitionCondition:
    'lastTransitionTime:time message:string reason:string status+:string=v1.ConditionStatus type+:string=v1.CustomResourceDefinitionConditionType',
  CustomResourceDefinitionNames:
    'categories:[]string kind+:string listKind:string plural+:string shortNames:[]string singular:string',
  CustomResourceDefinitionSpec:
    'conversion*:CustomResourceConversion group+:string names+:CustomResourceDefinitionNames preserveUnknownFields:bool scope+:string=v1.ResourceScope versions+:[]CustomResourceDefinitionVersion',
  CustomResourceDefinitionStatus:
    'acceptedNames+:CustomResourceDefinitionNames conditions+:[type]CustomResourceDefinitionCondition storedVersions+:[]string',
  CustomResourceDefinitionVersion:
    'additionalPrinterColumns:[]CustomResourceColumnDefinition deprecated:bool deprecationWarning*:string name+:string schema*:CustomResourceValidation selectableFields:[]SelectableField served+:bool storage+:bool subresources*:CustomResourceSubresources',
  CustomResourceSubresourceScale:
    'labelSelectorPath*:string specReplicasPath+:string statusReplicasPath+:string',
  CustomResourceSubresourceStatus: '',
  CustomResourceSubresources:
    'scale*:CustomResourceSubresourceScale status*:CustomResourceSubresourceStatus',
  CustomResourceValidation: 'openAPIV3Schema*:JSONSchemaProps',
  DaemonEndpoint: 'Port+:int32',
  DaemonSet:
    'apiVersion:string kind:string metadata:ObjectMeta spec:DaemonSetSpec status:DaemonSetStatus',
  DaemonSetCondition:
    'lastTransitionTime:time message:string reason:string status+:string=v1.ConditionStatus type+:string=v1.DaemonSetConditionType',
  DaemonSetSpec:
    'minReadySeconds:int32 revisionHistoryLimit*:int32 selector*+:LabelSelector template+:PodTemplateSpec updateStrategy:DaemonSetUpdateStrategy',
  DaemonSetStatus:
    'collisionCount*:int32 conditions:[type;type]DaemonSetCondition currentNumberScheduled+:int32 desiredNumberScheduled+:int32 numberAvailable:int32 numberMisscheduled+:int32 numberReady+:int32 numberUnavailable:int32 observedGeneration:int64 updatedNumberScheduled:int32',
  DaemonSetUpdateStrategy:
    'rollingUpdate*:RollingUpdateDaemonSet type:string=v1.DaemonSetUpdateStrategyType',
  DeleteOptions:
    'apiVersion:string dryRun:[]string gracePeriodSeconds*:int64 ignoreStoreReadErrorWithClusterBreakingPotential*:bool kind:string orphanDependents*:bool preconditions*:Preconditions propagationPolicy*:string=v1.DeletionPropagation',
  Deployment:
    'apiVersion:string kind:string metadata:ObjectMeta spec:DeploymentSpec status:DeploymentStatus',
  DeploymentCondition:
    'lastTransitionTime:time lastUpdateTime:time message:string reason:string status+:string=v1.ConditionStatus type+:string=v1.DeploymentConditionType',
  DeploymentSpec:
    'minReadySeconds:int32 paused:bool progressDeadlineSeconds*:int32 replicas*:int32 revisionHistoryLimit*:int32 selector*+:LabelSelector strategy:DeploymentStrategy template+:PodTemplateSpec',
  DeploymentStatus:
    'availableReplicas:int32 collisionCount*:int32 conditions:[type;type]DeploymentCondition observedGeneration:int64 readyReplicas:int32 replicas:int32 unavailableReplicas:int32 updatedReplicas:int32',
  DeploymentStrategy:
    'rollingUpdate*:RollingUpdateDeployment type:string=v1.DeploymentStrategyType',
  DiscoveryV1EndpointPort:
    '! appProtocol*:string name*:string port*:int32 protocol*:string=v1.Protocol',
  DownwardAPIProjection: 'items:[]DownwardAPIVolumeFile',
  DownwardAPIVolumeFile:
    'fieldRef*:ObjectFieldSelector mode*:int32 path+:string resourceFieldRef*:ResourceFieldSelector',
  DownwardAPIVolumeSource: 'defaultMode*:int32 items:[]DownwardAPIVolumeFile',
  EmptyDirVolumeSource: 'medium:string=v1.StorageMedium sizeLimit*:quantity',
  Endpoint:
    'addresses+:[=]string conditions:EndpointConditions deprecatedTopology:{}string hints*:EndpointHints hostname*:string nodeName*:string targetRef*:ObjectReference zone*:string',
  EndpointAddress: '! hostname:string ip+:string nodeName*:string targetRef*:ObjectReference',
  EndpointConditions: 'ready*:bool serving*:bool terminating*:bool',
  EndpointHints: 'forZones:[]ForZone',
  EndpointSlice:
    'addressType+:string=v1.AddressType apiVersion:string endpoints+:[]Endpoint kind:string metadata:ObjectMeta ports+:[]DiscoveryV1EndpointPort',
  EndpointSubset:
    'addresses:[]EndpointAddress notReadyAddresses:[]EndpointAddress ports:[]CoreV1EndpointPort',
  Endpoints: 'apiVersion:string kind:string metadata:ObjectMeta subsets:[]EndpointSubset',
  EnvFromSource: 'configMapRef*:ConfigMapEnvSource prefix:string secretRef*:SecretEnvSource',
  EnvVar: 'name+:string value:string valueFrom*:EnvVarSource',
  EnvVarSource:
    'configMapKeyRef*:ConfigMapKeySelector fieldRef*:ObjectFieldSelector resourceFieldRef*:ResourceFieldSelector secretKeyRef*:SecretKeySelector',
  EphemeralContainer:
    'args:[]string command:[]string env:[name;name]EnvVar envFrom:[]EnvFromSource image:string imagePullPolicy:string=v1.PullPolicy lifecycle*:Lifecycle livenessProbe*:Probe name+:string ports:[containerPort,protocol;containerPort]ContainerPort readinessProbe*:Probe resizePolicy:[]ContainerResizePolicy resources:ResourceRequirements restartPolicy*:string=v1.ContainerRestartPolicy securityContext*:SecurityContext startupProbe*:Probe stdin:bool stdinOnce:bool targetContainerName:string terminationMessagePath:string terminationMessagePolicy:string=v1.TerminationMessagePolicy tty:bool volumeDevices:[devicePath;devicePath]VolumeDevice volumeMounts:[mountPath;mountPath]VolumeMount workingDir:string',
  EphemeralVolumeSource: 'volumeClaimTemplate*:PersistentVolumeClaimTemplate',
  EventSource: 'component:string host:string',
  EventsV1Event:
    'action:string apiVersion:string deprecatedCount:int32 deprecatedFirstTimestamp:time deprecatedLastTimestamp:time deprecatedSource:EventSource eventTime+:microtime kind:string metadata+:ObjectMeta note:string reason:string regarding:ObjectReference related*:ObjectReference reportingController:string reportingInstance:string series*:EventsV1EventSeries type:string',
  EventsV1EventSeries: 'count+:int32 lastObservedTime+:microtime',
  Eviction: 'apiVersion:string deleteOptions*:DeleteOptions kind:string metadata:ObjectMeta',
  ExecAction: 'command:[]string',
  ExternalDocumentation: 'description:string url:string',
  ExternalMetricSource: 'metric+:MetricIdentifier target+:MetricTarget',
  ExternalMetricStatus: 'current+:MetricValueStatus metric+:MetricIdentifier',
  FCVolumeSource: 'fsType:string lun*:int32 readOnly:bool targetWWNs:[]string wwids:[]string',
  FieldSelectorAttributes: 'rawSelector:string requirements:[]FieldSelectorRequirement',
  FieldSelectorRequirement: 'key+:string operator+:string=v1.FieldSelectorOperator values:[]string',
  FlexPersistentVolumeSource:
    'driver+:string fsType:string options:{}string readOnly:bool secretRef*:SecretReference',
  FlexVolumeSource:
    'driver+:string fsType:string options:{}string readOnly:bool secretRef*:LocalObjectReference',
  FlockerVolumeSource: 'datasetName:string datasetUUID:string',
  ForZone: 'name+:string',
  GCEPersistentDiskVolumeSource: 'fsType:string partition:int32 pdName+:string readOnly:bool',
  GRPCAction: 'port+:int32 service*+:string',
  GitRepoVolumeSource: 'directory:string repository+:string revision:string',
  GlusterfsPersistentVolumeSource:
    'endpoints+:string endpointsNamespace*:string path+:string readOnly:bool',
  GlusterfsVolumeSource: 'endpoints+:string path+:string readOnly:bool',
  HPAScalingPolicy: 'periodSeconds+:int32 type+:string=v2.HPAScalingPolicyType value+:int32',
  HPAScalingRules:
    'policies:[]HPAScalingPolicy selectPolicy*:string=v2.ScalingPolicySelect stabilizationWindowSeconds*:int32',
  HTTPGetAction:
    'host:string httpHeaders:[]HTTPHeader path:string port+:intstr scheme:string=v1.URIScheme',
  HTTPHeader: 'name+:string value+:string',
  HTTPIngressPath: 'backend+:IngressBackend path:string pathType*+:string=v1.PathType',
  HTTPIngressRuleValue: 'paths+:[]HTTPIngressPath',
  HorizontalPodAutoscalerBehavior: 'scaleDown*:HPAScalingRules scaleUp*:HPAScalingRules',
  HorizontalPodAutoscalerCondition:
    'lastTransitionTime:time message:string reason:string status+:string=v1.ConditionStatus type+:string=v2.HorizontalPodAutoscalerConditionType',
  HostAlias: 'hostnames:[]string ip+:string',
  HostIP: 'ip+:string',
  HostPathVolumeSource: 'path+:string type*:string=v1.HostPathType',
  IPBlock: 'cidr+:string except:[]string',
  ISCSIPersistentVolumeSource:
    'chapAuthDiscovery:bool chapAuthSession:bool fsType:string initiatorName*:string iqn+:string iscsiInterface:string lun+:int32 portals:[]string readOnly:bool secretRef*:SecretReference targetPortal+:string',
  ISCSIVolumeSource:
    'chapAuthDiscovery:bool chapAuthSession:bool fsType:string initiatorName*:string iqn+:string iscsiInterface:string lun+:int32 portals:[]string readOnly:bool secretRef*:LocalObjectReference targetPortal+:string',
  ImageVolumeSource: 'pullPolicy:string=v1.PullPolicy reference:string',
  Ingress:
    'apiVersion:string kind:string metadata:ObjectMeta spec:IngressSpec status:IngressStatus',
  IngressBackend: 'resource*:TypedLocalObjectReference service*:IngressServiceBackend',
  IngressClass: 'apiVersion:string kind:string metadata:ObjectMeta spec:IngressClassSpec',
  IngressClassParametersReference:
    'apiGroup*:string kind+:string name+:string namespace*:string scope*+:string',
  IngressClassSpec: 'controller:string parameters*:IngressClassParametersReference',
  IngressLoadBalancerIngress: 'hostname:string ip:string ports:[]IngressPortStatus',
  IngressLoadBalancerStatus: 'ingress:[]IngressLoadBalancerIngress',
  IngressPortStatus: 'error*:string port+:int32 protocol+:string=v1.Protocol',
  IngressRule: 'host:string http*:HTTPIngressRuleValue',
  IngressServiceBackend: 'name+:string port:ServiceBackendPort',
  IngressSpec:
    'defaultBackend*:IngressBackend ingressClassName*:string rules:[]IngressRule tls:[]IngressTLS',
  IngressStatus: 'loadBalancer:IngressLoadBalancerStatus',
  IngressTLS: 'hosts:[]string secretName:string',
  JSONSchemaProps:
    '$ref*:string $schema:string=v1.JSONSchemaURL additionalItems*:any additionalProperties*:any allOf:[]JSONSchemaProps anyOf:[]JSONSchemaProps default*:any definitions:{}JSONSchemaProps dependencies:{}any description:string enum:[]any example*:any exclusiveMaximum:bool exclusiveMinimum:bool externalDocs*:ExternalDocumentation format:string id:string items*:any maxItems*:int64 maxLength*:int64 maxProperties*:int64 maximum*:float64 minItems*:int64 minLength*:int64 minProperties*:int64 minimum*:float64 multipleOf*:float64 not*:JSONSchemaProps nullable:bool oneOf:[]JSONSchemaProps pattern:string patternProperties:{}JSONSchemaProps properties:{}JSONSchemaProps required:[]string title:string type:string uniqueItems:bool x-kubernetes-embedded-resource:bool x-kubernetes-int-or-string:bool x-kubernetes-list-map-keys:[]string x-kubernetes-list-type*:string x-kubernetes-map-type*:string x-kubernetes-preserve-unknown-fields*:bool x-kubernetes-validations:[rule;rule]ValidationRule',
  Job: 'apiVersion:string kind:string metadata:ObjectMeta spec:JobSpec status:JobStatus',
  JobCondition:
    'lastProbeTime:time lastTransitionTime:time message:string reason:string status+:string=v1.ConditionStatus type+:string=v1.JobConditionType',
  JobSpec:
    'activeDeadlineSeconds*:int64 backoffLimit*:int32 backoffLimitPerIndex*:int32 completionMode*:string=v1.CompletionMode completions*:int32 managedBy*:string manualSelector*:bool maxFailedIndexes*:int32 parallelism*:int32 podFailurePolicy*:PodFailurePolicy podReplacementPolicy*:string=v1.PodReplacementPolicy selector*:LabelSelector successPolicy*:SuccessPolicy suspend*:bool template+:PodTemplateSpec ttlSecondsAfterFinished*:int32',
  JobStatus:
    'active:int32 completedIndexes:string completionTime*:time conditions:[;type]JobCondition failed:int32 failedIndexes*:string ready*:int32 startTime*:time succeeded:int32 terminating*:int32 uncountedTerminatedPods*:UncountedTerminatedPods',
  JobTemplateSpec: 'metadata:ObjectMeta spec:JobSpec',
  KeyToPath: 'key+:string mode*:int32 path+:string',
  LabelSelector: '! matchExpressions:[]LabelSelectorRequirement matchLabels:{}string',
  LabelSelectorAttributes: 'rawSelector:string requirements:[]LabelSelectorRequirement',
  LabelSelectorRequirement: 'key+:string operator+:string=v1.LabelSelectorOperator values:[]string',
  Lease: 'apiVersion:string kind:string metadata:ObjectMeta spec:LeaseSpec',
  LeaseSpec:
    'acquireTime*:microtime holderIdentity*:string leaseDurationSeconds*:int32 leaseTransitions*:int32 preferredHolder*:string renewTime*:microtime strategy*:string=v1.CoordinatedLeaseStrategy',
  Lifecycle: 'postStart*:LifecycleHandler preStop*:LifecycleHandler',
  LifecycleHandler:
    'exec*:ExecAction httpGet*:HTTPGetAction sleep*:SleepAction tcpSocket*:TCPSocketAction',
  LimitRange: 'apiVersion:string kind:string metadata:ObjectMeta spec:LimitRangeSpec',
  LimitRangeItem:
    'default:{}quantity defaultRequest:{}quantity max:{}quantity maxLimitRequestRatio:{}quantity min:{}quantity type+:string=v1.LimitType',
  LimitRangeSpec: 'limits+:[]LimitRangeItem',
  LinuxContainerUser: 'gid+:int64 supplementalGroups:[]int64 uid+:int64',
  ListMeta: 'continue:string remainingItemCount*:int64 resourceVersion:string selfLink:string',
  LoadBalancerIngress:
    'hostname:string ip:string ipMode*:string=v1.LoadBalancerIPMode ports:[]PortStatus',
  LoadBalancerStatus: 'ingress:[]LoadBalancerIngress',
  LocalObjectReference: '! name:string',
  LocalSubjectAccessReview:
    'apiVersion:string kind:string metadata:ObjectMeta spec+:SubjectAccessReviewSpec status:SubjectAccessReviewStatus',
  LocalVolumeSource: 'fsType*:string path+:string',
  ManagedFieldsEntry:
    'apiVersion:string fieldsType:string fieldsV1*:any manager:string operation:string=v1.ManagedFieldsOperationType subresource:string time*:time',
  MetricIdentifier: 'name+:string selector*:LabelSelector',
  MetricSpec:
    'containerResource*:ContainerResourceMetricSource external*:ExternalMetricSource object*:ObjectMetricSource pods*:PodsMetricSource resource*:ResourceMetricSource type+:string=v2.MetricSourceType',
  MetricStatus:
    'containerResource*:ContainerResourceMetricStatus external*:ExternalMetricStatus object*:ObjectMetricStatus pods*:PodsMetricStatus resource*:ResourceMetricStatus type+:string=v2.MetricSourceType',
  MetricTarget:
    'averageUtilization*:int32 averageValue*:quantity type+:string=v2.MetricTargetType value*:quantity',
  MetricValueStatus: 'averageUtilization*:int32 averageValue*:quantity value*:quantity',
  ModifyVolumeStatus:
    'status+:string=v1.PersistentVolumeClaimModifyVolumeStatus targetVolumeAttributesClassName:string',
  NFSVolumeSource: 'path+:string readOnly:bool server+:string',
  Namespace:
    'apiVersion:string kind:string metadata:ObjectMeta spec:NamespaceSpec status:NamespaceStatus',
  NamespaceCondition:
    'lastTransitionTime:time message:string reason:string status+:string=v1.ConditionStatus type+:string=v1.NamespaceConditionType',
  NamespaceSpec: 'finalizers:[]string=v1.FinalizerName',
  NamespaceStatus: 'conditions:[type;type]NamespaceCondition phase:string=v1.NamespacePhase',
  NetworkPolicy: 'apiVersion:string kind:string metadata:ObjectMeta spec:NetworkPolicySpec',
  NetworkPolicyEgressRule: 'ports:[]NetworkPolicyPort to:[]NetworkPolicyPeer',
  NetworkPolicyIngressRule: 'from:[]NetworkPolicyPeer ports:[]NetworkPolicyPort',
  NetworkPolicyPeer: 'ipBlock*:IPBlock namespaceSelector*:LabelSelector podSelector*:LabelSelector',
  NetworkPolicyPort: 'endPort*:int32 port*:intstr protocol*:string=v1.Protocol',
  NetworkPolicySpec:
    'egress:[]NetworkPolicyEgressRule ingress:[]NetworkPolicyIngressRule podSelector+:LabelSelector policyTypes:[]string=v1.PolicyType',
  Node: 'apiVersion:string kind:string metadata:ObjectMeta spec:NodeSpec status:NodeStatus',
  NodeAddress: 'address+:string type+:string=v1.NodeAddressType',
  NodeAffinity:
    'preferredDuringSchedulingIgnoredDuringExecution:[]PreferredSchedulingTerm requiredDuringSchedulingIgnoredDuringExecution*:NodeSelector',
  NodeCondition:
    'lastHeartbeatTime:time lastTransitionTime:time message:string reason:string status+:string=v1.ConditionStatus type+:string=v1.NodeConditionType',
  NodeConfigSource: 'configMap*:ConfigMapNodeConfigSource',
  NodeConfigStatus:
    'active*:NodeConfigSource assigned*:NodeConfigSource error:string lastKnownGood*:NodeConfigSource',
  NodeDaemonEndpoints: 'kubeletEndpoint:DaemonEndpoint',
  NodeFeatures: 'supplementalGroupsPolicy*:bool',
  NodeRuntimeHandler: 'features*:NodeRuntimeHandlerFeatures name+:string',
  NodeRuntimeHandlerFeatures: 'recursiveReadOnlyMounts*:bool userNamespaces*:bool',
  NodeSelector: '! nodeSelectorTerms+:[]NodeSelectorTerm',
  NodeSelectorRequirement: 'key+:string operator+:string=v1.NodeSelectorOperator values:[]string',
  NodeSelectorTerm:
    '! matchExpressions:[]NodeSelectorRequirement matchFields:[]NodeSelectorRequirement',
  NodeSpec:
    'configSource*:NodeConfigSource externalID:string podCIDR:string podCIDRs:[=;=]string providerID:string taints:[]Taint unschedulable:bool',
  NodeStatus:
    'addresses:[type;type]NodeAddress allocatable:{}quantity capacity:{}quantity conditions:[type;type]NodeCondition config*:NodeConfigStatus daemonEndpoints:NodeDaemonEndpoints features*:NodeFeatures images:[]ContainerImage nodeInfo:NodeSystemInfo phase:string=v1.NodePhase runtimeHandlers:[]NodeRuntimeHandler volumesAttached:[]AttachedVolume volumesInUse:[]string=v1.UniqueVolumeName',
  NodeSystemInfo:
    'architecture+:string bootID+:string containerRuntimeVersion+:string kernelVersion+:string kubeProxyVersion+:string kubeletVersion+:string machineID+:string operatingSystem+:string osImage+:string systemUUID+:string',
  NonResourceAttributes: 'path:string verb:string',
  NonResourceRule: 'nonResourceURLs:[]string verbs+:[]string',
  ObjectFieldSelector: '! apiVersion:string fieldPath+:string',
  ObjectMeta:
    'annotations:{}string creationTimestamp:time deletionGracePeriodSeconds*:int64 deletionTimestamp*:time finalizers:[=;=]string generateName:string generation:int64 labels:{}string managedFields:[]ManagedFieldsEntry name:string namespace:string ownerReferences:[uid;uid]OwnerReference resourceVersion:string selfLink:string uid:string=types.UID',
  ObjectMetricSource:
    'describedObject+:AutoscalingV2CrossVersionObjectReference metric+:MetricIdentifier target+:MetricTarget',
  ObjectMetricStatus:
    'current+:MetricValueStatus describedObject+:AutoscalingV2CrossVersionObjectReference metric+:MetricIdentifier',
  ObjectReference:
    '! apiVersion:string fieldPath:string kind:string name:string namespace:string resourceVersion:string uid:string=types.UID',
  OwnerReference:
    '! apiVersion+:string blockOwnerDeletion*:bool controller*:bool kind+:string name+:string uid+:string=types.UID',
  Patch: '',
  PersistentVolume:
    'apiVersion:string kind:string metadata:ObjectMeta spec:PersistentVolumeSpec status:PersistentVolumeStatus',
  PersistentVolumeClaim:
    'apiVersion:string kind:string metadata:ObjectMeta spec:PersistentVolumeClaimSpec status:PersistentVolumeClaimStatus',
  PersistentVolumeClaimCondition:
    'lastProbeTime:time lastTransitionTime:time message:string reason:string status+:string=v1.ConditionStatus type+:string=v1.PersistentVolumeClaimConditionType',
  PersistentVolumeClaimSpec:
    'accessModes:[]string=v1.PersistentVolumeAccessMode dataSource*:TypedLocalObjectReference dataSourceRef*:TypedObjectReference resources:VolumeResourceRequirements selector*:LabelSelector storageClassName*:string volumeAttributesClassName*:string volumeMode*:string=v1.PersistentVolumeMode volumeName:string',
  PersistentVolumeClaimStatus:
    'accessModes:[]string=v1.PersistentVolumeAccessMode allocatedResourceStatuses:{}string=v1.ClaimResourceStatus allocatedResources:{}quantity capacity:{}quantity conditions:[type;type]PersistentVolumeClaimCondition currentVolumeAttributesClassName*:string modifyVolumeStatus*:ModifyVolumeStatus phase:string=v1.PersistentVolumeClaimPhase',
  PersistentVolumeClaimTemplate: 'metadata:ObjectMeta spec+:PersistentVolumeClaimSpec',
  PersistentVolumeClaimVolumeSource: 'claimName+:string readOnly:bool',
  PersistentVolumeSpec:
    'accessModes:[]string=v1.PersistentVolumeAccessMode awsElasticBlockStore*:AWSElasticBlockStoreVolumeSource azureDisk*:AzureDiskVolumeSource azureFile*:AzureFilePersistentVolumeSource capacity:{}quantity cephfs*:CephFSPersistentVolumeSource cinder*:CinderPersistentVolumeSource claimRef*:ObjectReference csi*:CSIPersistentVolumeSource fc*:FCVolumeSource flexVolume*:FlexPersistentVolumeSource flocker*:FlockerVolumeSource gcePersistentDisk*:GCEPersistentDiskVolumeSource glusterfs*:GlusterfsPersistentVolumeSource hostPath*:HostPathVolumeSource iscsi*:ISCSIPersistentVolumeSource local*:LocalVolumeSource mountOptions:[]string nfs*:NFSVolumeSource nodeAffinity*:VolumeNodeAffinity persistentVolumeReclaimPolicy:string=v1.PersistentVolumeReclaimPolicy photonPersistentDisk*:PhotonPersistentDiskVolumeSource portworxVolume*:PortworxVolumeSource quobyte*:QuobyteVolumeSource rbd*:RBDPersistentVolumeSource scaleIO*:ScaleIOPersistentVolumeSource storageClassName:string storageos*:StorageOSPersistentVolumeSource volumeAttributesClassName*:string volumeMode*:string=v1.PersistentVolumeMode vsphereVolume*:VsphereVirtualDiskVolumeSource',
  PersistentVolumeStatus:
    'lastPhaseTransitionTime*:time message:string phase:string=v1.PersistentVolumePhase reason:string',
  PhotonPersistentDiskVolumeSource: 'fsType:string pdID+:string',
  Pod: 'apiVersion:string kind:string metadata:ObjectMeta spec:PodSpec status:PodStatus',
  PodAffinity:
    'preferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm requiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm',
  PodAffinityTerm:
    'labelSelector*:LabelSelector matchLabelKeys:[]string mismatchLabelKeys:[]string namespaceSelector*:LabelSelector namespaces:[]string topologyKey+:string',
  PodAntiAffinity:
    'preferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm requiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm',
  PodCondition:
    'lastProbeTime:time lastTransitionTime:time message:string reason:string status+:string=v1.ConditionStatus type+:string=v1.PodConditionType',
  PodDNSConfig: 'nameservers:[]string options:[]PodDNSConfigOption searches:[]string',
  PodDNSConfigOption: 'name:string value*:string',
  PodDisruptionBudget:
    'apiVersion:string kind:string metadata:ObjectMeta spec:PodDisruptionBudgetSpec status:PodDisruptionBudgetStatus',
  PodDisruptionBudgetSpec:
    'maxUnavailable*:intstr minAvailable*:intstr selector*:LabelSelector unhealthyPodEvictionPolicy*:string=v1.UnhealthyPodEvictionPolicyType',
  PodDisruptionBudgetStatus:
    'conditions:[type;type]Condition currentHealthy+:int32 desiredHealthy+:int32 disruptedPods:{}time disruptionsAllowed+:int32 expectedPods+:int32 observedGeneration:int64',
  PodFailurePolicy: 'rules+:[]PodFailurePolicyRule',
  PodFailurePolicyOnExitCodesRequirement:
    'containerName*:string operator+:string=v1.PodFailurePolicyOnExitCodesOperator values+:[=]int32',
  PodFailurePolicyOnPodConditionsPattern:
    'status+:string=v1.ConditionStatus type+:string=v1.PodConditionType',
  PodFailurePolicyRule:
    'action+:string=v1.PodFailurePolicyAction onExitCodes*:PodFailurePolicyOnExitCodesRequirement onPodConditions:[]PodFailurePolicyOnPodConditionsPattern',
  PodIP: 'ip+:string',
  PodOS: 'name+:string=v1.OSName',
  PodReadinessGate: 'conditionType+:string=v1.PodConditionType',
  PodResourceClaim: 'name+:string resourceClaimName*:string resourceClaimTemplateName*:string',
  PodResourceClaimStatus: 'name+:string resourceClaimName*:string',
  PodSchedulingGate: 'name+:string',
  PodSecurityContext:
    'appArmorProfile*:AppArmorProfile fsGroup*:int64 fsGroupChangePolicy*:string=v1.PodFSGroupChangePolicy runAsGroup*:int64 runAsNonRoot*:bool runAsUser*:int64 seLinuxChangePolicy*:string=v1.PodSELinuxChangePolicy seLinuxOptions*:SELinuxOptions seccompProfile*:SeccompProfile supplementalGroups:[]int64 supplementalGroupsPolicy*:string=v1.SupplementalGroupsPolicy sysctls:[]Sysctl windowsOptions*:WindowsSecurityContextOptions',
  PodSpec:
    'activeDeadlineSeconds*:int64 affinity*:Affinity automountServiceAccountToken*:bool containers+:[name;name]Container dnsConfig*:PodDNSConfig dnsPolicy:string=v1.DNSPolicy enableServiceLinks*:bool ephemeralContainers:[name;name]EphemeralContainer hostAliases:[ip;ip]HostAlias hostIPC:bool hostNetwork:bool hostPID:bool hostUsers*:bool hostname:string imagePullSecrets:[name;name]LocalObjectReference initContainers:[name;name]Container nodeName:string nodeSelector:{!}string os*:PodOS overhead:{}quantity preemptionPolicy*:string=v1.PreemptionPolicy priority*:int32 priorityClassName:string readinessGates:[]PodReadinessGate resourceClaims:[name;name]PodResourceClaim resources*:ResourceRequirements restartPolicy:string=v1.RestartPolicy runtimeClassName*:string schedulerName:string schedulingGates:[name;name]PodSchedulingGate securityContext*:PodSecurityContext serviceAccount:string serviceAccountName:string setHostnameAsFQDN*:bool shareProcessNamespace*:bool subdomain:string terminationGracePeriodSeconds*:int64 tolerations:[]Toleration topologySpreadConstraints:[topologyKey,whenUnsatisfiable;topologyKey]TopologySpreadConstraint volumes:[name;name]Volume',
  PodStatus:
    'conditions:[type;type]PodCondition containerStatuses:[]ContainerStatus ephemeralContainerStatuses:[]ContainerStatus hostIP:string hostIPs:[;ip]HostIP initContainerStatuses:[]ContainerStatus message:string nominatedNodeName:string phase:string=v1.PodPhase podIP:string podIPs:[ip;ip]PodIP qosClass:string=v1.PodQOSClass reason:string resize:string=v1.PodResizeStatus resourceClaimStatuses:[name;name]PodResourceClaimStatus startTime*:time',
  PodTemplate: 'apiVersion:string kind:string metadata:ObjectMeta template:PodTemplateSpec',
  PodTemplateSpec: 'metadata:ObjectMeta spec:PodSpec',
  PodsMetricSource: 'metric+:MetricIdentifier target+:MetricTarget',
  PodsMetricStatus: 'current+:MetricValueStatus metric+:MetricIdentifier',
  PolicyRule:
    'apiGroups:[]string nonResourceURLs:[]string resourceNames:[]string resources:[]string verbs+:[]string',
  PortStatus: 'error*:string port+:int32 protocol+:string=v1.Protocol',
  PortworxVolumeSource: 'fsType:string readOnly:bool volumeID+:string',
  Preconditions: 'resourceVersion*:string uid*:string=types.UID',
  PreferredSchedulingTerm: 'preference+:NodeSelectorTerm weight+:int32',
  PriorityClass:
    'apiVersion:string description:string globalDefault:bool kind:string metadata:ObjectMeta preemptionPolicy*:string=apiv1.PreemptionPolicy value+:int32',
  Probe:
    'exec*:ExecAction failureThreshold:int32 grpc*:GRPCAction httpGet*:HTTPGetAction initialDelaySeconds:int32 periodSeconds:int32 successThreshold:int32 tcpSocket*:TCPSocketAction terminationGracePeriodSeconds*:int64 timeoutSeconds:int32',
  ProjectedVolumeSource: 'defaultMode*:int32 sources+:[]VolumeProjection',
  QuobyteVolumeSource:
    'group:string readOnly:bool registry+:string tenant:string user:string volume+:string',
  RBDPersistentVolumeSource:
    'fsType:string image+:string keyring:string monitors+:[]string pool:string readOnly:bool secretRef*:SecretReference user:string',
  RBDVolumeSource:
    'fsType:string image+:string keyring:string monitors+:[]string pool:string readOnly:bool secretRef*:LocalObjectReference user:string',
  ReplicaSet:
    'apiVersion:string kind:string metadata:ObjectMeta spec:ReplicaSetSpec status:ReplicaSetStatus',
  ReplicaSetCondition:
    'lastTransitionTime:time message:string reason:string status+:string=v1.ConditionStatus type+:string=v1.ReplicaSetConditionType',
  ReplicaSetSpec:
    'minReadySeconds:int32 replicas*:int32 selector*+:LabelSelector template:PodTemplateSpec',
  ReplicaSetStatus:
    'availableReplicas:int32 conditions:[type;type]ReplicaSetCondition fullyLabeledReplicas:int32 observedGeneration:int64 readyReplicas:int32 replicas+:int32',
  ReplicationController:
    'apiVersion:string kind:string metadata:ObjectMeta spec:ReplicationControllerSpec status:ReplicationControllerStatus',
  ReplicationControllerCondition:
    'lastTransitionTime:time message:string reason:string status+:string=v1.ConditionStatus type+:string=v1.ReplicationControllerConditionType',
  ReplicationControllerSpec:
    'minReadySeconds:int32 replicas*:int32 selector:{!}string template*:PodTemplateSpec',
  ReplicationControllerStatus:
    'availableReplicas:int32 conditions:[type;type]ReplicationControllerCondition fullyLabeledReplicas:int32 observedGeneration:int64 readyReplicas:int32 replicas+:int32',
  ResourceAttributes:
    'fieldSelector*:FieldSelectorAttributes group:string labelSelector*:LabelSelectorAttributes name:string namespace:string resource:string subresource:string verb:string version:string',
  ResourceClaim: 'name+:string request:string',
  ResourceFieldSelector: '! containerName:string divisor:quantity resource+:string',
  ResourceHealth: 'health:string=v1.ResourceHealthStatus resourceID+:string=v1.ResourceID',
  ResourceMetricSource: 'name+:string=v1.ResourceName target+:MetricTarget',
  ResourceMetricStatus: 'current+:MetricValueStatus name+:string=v1.ResourceName',
  ResourceQuota:
    'apiVersion:string kind:string metadata:ObjectMeta spec:ResourceQuotaSpec status:ResourceQuotaStatus',
  ResourceQuotaSpec:
    'hard:{}quantity scopeSelector*:ScopeSelector scopes:[]string=v1.ResourceQuotaScope',
  ResourceQuotaStatus: 'hard:{}quantity used:{}quantity',
  ResourceRequirements: 'claims:[name]ResourceClaim limits:{}quantity requests:{}quantity',
  ResourceRule: 'apiGroups:[]string resourceNames:[]string resources:[]string verbs+:[]string',
  ResourceStatus: 'name+:string=v1.ResourceName resources:[resourceID]ResourceHealth',
  Role: 'apiVersion:string kind:string metadata:ObjectMeta rules+:[]PolicyRule',
  RoleBinding:
    'apiVersion:string kind:string metadata:ObjectMeta roleRef+:RoleRef subjects:[]Subject',
  RoleRef: '! apiGroup+:string kind+:string name+:string',
  RollingUpdateDaemonSet: 'maxSurge*:intstr maxUnavailable*:intstr',
  RollingUpdateDeployment: 'maxSurge*:intstr maxUnavailable*:intstr',
  RollingUpdateStatefulSetStrategy: 'maxUnavailable*:intstr partition*:int32',
  SELinuxOptions: 'level:string role:string type:string user:string',
  Scale: 'apiVersion:string kind:string metadata:ObjectMeta spec:ScaleSpec status:ScaleStatus',
  ScaleIOPersistentVolumeSource:
    'fsType:string gateway+:string protectionDomain:string readOnly:bool secretRef*+:SecretReference sslEnabled:bool storageMode:string storagePool:string system+:string volumeName:string',
  ScaleIOVolumeSource:
    'fsType:string gateway+:string protectionDomain:string readOnly:bool secretRef*+:LocalObjectReference sslEnabled:bool storageMode:string storagePool:string system+:string volumeName:string',
  ScaleSpec: 'replicas:int32',
  ScaleStatus: 'replicas+:int32 selector:string',
  ScopeSelector: '! matchExpressions:[]ScopedResourceSelectorRequirement',
  ScopedResourceSelectorRequirement:
    'operator+:string=v1.ScopeSelectorOperator scopeName+:string=v1.ResourceQuotaScope values:[]string',
  SeccompProfile: 'localhostProfile*:string type+:string=v1.SeccompProfileType',
  Secret:
    'apiVersion:string data:{}bytes immutable*:bool kind:string metadata:ObjectMeta stringData:{}string type:string=v1.SecretType',
  SecretEnvSource: 'name:string optional*:bool',
  SecretKeySelector: '! key+:string name:string optional*:bool',
  SecretProjection: 'items:[]KeyToPath name:string optional*:bool',
  SecretReference: '! name:string namespace:string',
  SecretVolumeSource: 'defaultMode*:int32 items:[]KeyToPath optional*:bool secretName:string',
  SecurityContext:
    'allowPrivilegeEscalation*:bool appArmorProfile*:AppArmorProfile capabilities*:Capabilities privileged*:bool procMount*:string=v1.ProcMountType readOnlyRootFilesystem*:bool runAsGroup*:int64 runAsNonRoot*:bool runAsUser*:int64 seLinuxOptions*:SELinuxOptions seccompProfile*:SeccompProfile windowsOptions*:WindowsSecurityContextOptions',
  SelectableField: 'jsonPath+:string',
  SelfSubjectAccessReview:
    'apiVersion:string kind:string metadata:ObjectMeta spec+:SelfSubjectAccessReviewSpec status:SubjectAccessReviewStatus',
  SelfSubjectAccessReviewSpec:
    'nonResourceAttributes*:NonResourceAttributes resourceAttributes*:ResourceAttributes',
  SelfSubjectReview:
    'apiVersion:string kind:string metadata:ObjectMeta status:SelfSubjectReviewStatus',
  SelfSubjectReviewStatus: 'userInfo:UserInfo',
  SelfSubjectRulesReview:
    'apiVersion:string kind:string metadata:ObjectMeta spec+:SelfSubjectRulesReviewSpec status:SubjectRulesReviewStatus',
  SelfSubjectRulesReviewSpec: 'namespace:string',
  Service:
    'apiVersion:string kind:string metadata:ObjectMeta spec:ServiceSpec status:ServiceStatus',
  ServiceAccount:
    'apiVersion:string automountServiceAccountToken*:bool imagePullSecrets:[]LocalObjectReference kind:string metadata:ObjectMeta secrets:[name;name]ObjectReference',
  ServiceAccountTokenProjection: 'audience:string expirationSeconds*:int64 path+:string',
  ServiceBackendPort: '! name:string number:int32',
  ServicePort:
    'appProtocol*:string name:string nodePort:int32 port+:int32 protocol:string=v1.Protocol targetPort:intstr',
  ServiceReference: 'name+:string namespace+:string path*:string port*:int32',
  ServiceSpec:
    'allocateLoadBalancerNodePorts*:bool clusterIP:string clusterIPs:[]string externalIPs:[]string externalName:string externalTrafficPolicy:string=v1.ServiceExternalTrafficPolicy healthCheckNodePort:int32 internalTrafficPolicy*:string=v1.ServiceInternalTrafficPolicy ipFamilies:[]string=v1.IPFamily ipFamilyPolicy*:string=v1.IPFamilyPolicy loadBalancerClass*:string loadBalancerIP:string loadBalancerSourceRanges:[]string ports:[port,protocol;port]ServicePort publishNotReadyAddresses:bool selector:{!}string sessionAffinity:string=v1.ServiceAffinity sessionAffinityConfig*:SessionAffinityConfig trafficDistribution*:string type:string=v1.ServiceType',
  ServiceStatus: 'conditions:[type;type]Condition loadBalancer:LoadBalancerStatus',
  SessionAffinityConfig: 'clientIP*:ClientIPConfig',
  SleepAction: 'seconds+:int64',
  StatefulSet:
    'apiVersion:string kind:string metadata:ObjectMeta spec:StatefulSetSpec status:StatefulSetStatus',
  StatefulSetCondition:
    'lastTransitionTime:time message:string reason:string status+:string=v1.ConditionStatus type+:string=v1.StatefulSetConditionType',
  StatefulSetOrdinals: 'start+:int32',
  StatefulSetPersistentVolumeClaimRetentionPolicy:
    'whenDeleted:string=v1.PersistentVolumeClaimRetentionPolicyType whenScaled:string=v1.PersistentVolumeClaimRetentionPolicyType',
  StatefulSetSpec:
    'minReadySeconds:int32 ordinals*:StatefulSetOrdinals persistentVolumeClaimRetentionPolicy*:StatefulSetPersistentVolumeClaimRetentionPolicy podManagementPolicy:string=v1.PodManagementPolicyType replicas*:int32 revisionHistoryLimit*:int32 selector*+:LabelSelector serviceName+:string template+:PodTemplateSpec updateStrategy:StatefulSetUpdateStrategy volumeClaimTemplates:[]PersistentVolumeClaim',
  StatefulSetStatus:
    'availableReplicas+:int32 collisionCount*:int32 conditions:[type;type]StatefulSetCondition currentReplicas:int32 currentRevision:string observedGeneration:int64 readyReplicas:int32 replicas+:int32 updateRevision:string updatedReplicas:int32',
  StatefulSetUpdateStrategy:
    'rollingUpdate*:RollingUpdateStatefulSetStrategy type:string=v1.StatefulSetUpdateStrategyType',
  Status:
    'apiVersion:string code:int32 details*:StatusDetails kind:string message:string metadata:ListMeta reason:string=v1.StatusReason status:string',
  StatusCause: 'field:string message:string reason:string=v1.CauseType',
  StatusDetails:
    'causes:[]StatusCause group:string kind:string name:string retryAfterSeconds:int32 uid:string=types.UID',
  StorageClass:
    'allowVolumeExpansion*:bool allowedTopologies:[]TopologySelectorTerm apiVersion:string kind:string metadata:ObjectMeta mountOptions:[]string parameters:{}string provisioner+:string reclaimPolicy*:string=v1.PersistentVolumeReclaimPolicy volumeBindingMode*:string=v1.VolumeBindingMode',
  StorageOSPersistentVolumeSource:
    'fsType:string readOnly:bool secretRef*:ObjectReference volumeName:string volumeNamespace:string',
  StorageOSVolumeSource:
    'fsType:string readOnly:bool secretRef*:LocalObjectReference volumeName:string volumeNamespace:string',
  Subject: '! apiGroup:string kind+:string name+:string namespace:string',
  SubjectAccessReview:
    'apiVersion:string kind:string metadata:ObjectMeta spec+:SubjectAccessReviewSpec status:SubjectAccessReviewStatus',
  SubjectAccessReviewSpec:
    'extra:{}[]string=v1.ExtraValue groups:[]string nonResourceAttributes*:NonResourceAttributes resourceAttributes*:ResourceAttributes uid:string user:string',
  SubjectAccessReviewStatus: 'allowed+:bool denied:bool evaluationError:string reason:string',
  SubjectRulesReviewStatus:
    'evaluationError:string incomplete+:bool nonResourceRules+:[]NonResourceRule resourceRules+:[]ResourceRule',
  SuccessPolicy: 'rules+:[]SuccessPolicyRule',
  SuccessPolicyRule: 'succeededCount*:int32 succeededIndexes*:string',
  Sysctl: 'name+:string value+:string',
  TCPSocketAction: 'host:string port+:intstr',
  Taint: 'effect+:string=v1.TaintEffect key+:string timeAdded*:time value:string',
  TokenRequest:
    'apiVersion:string kind:string metadata:ObjectMeta spec+:TokenRequestSpec status:TokenRequestStatus',
  TokenRequestSpec:
    'audiences+:[]string boundObjectRef*+:BoundObjectReference expirationSeconds*+:int64',
  TokenRequestStatus: 'expirationTimestamp+:time token+:string',
  TokenReview:
    'apiVersion:string kind:string metadata:ObjectMeta spec+:TokenReviewSpec status:TokenReviewStatus',
  TokenReviewSpec: 'audiences:[]string token:string',
  TokenReviewStatus: 'audiences:[]string authenticated:bool error:string user:UserInfo',
  Toleration:
    'effect:string=v1.TaintEffect key:string operator:string=v1.TolerationOperator tolerationSeconds*:int64 value:string',
  TopologySelectorLabelRequirement: 'key+:string values+:[]string',
  TopologySelectorTerm: '! matchLabelExpressions:[]TopologySelectorLabelRequirement',
  TopologySpreadConstraint:
    'labelSelector*:LabelSelector matchLabelKeys:[]string maxSkew+:int32 minDomains*:int32 nodeAffinityPolicy*:string=v1.NodeInclusionPolicy nodeTaintsPolicy*:string=v1.NodeInclusionPolicy topologyKey+:string whenUnsatisfiable+:string=v1.UnsatisfiableConstraintAction',
  TypedLocalObjectReference: '! apiGroup*+:string kind+:string name+:string',
  TypedObjectReference: 'apiGroup*+:string kind+:string name+:string namespace*:string',
  UncountedTerminatedPods: 'failed:[=]string=types.UID succeeded:[=]string=types.UID',
  UserInfo: 'extra:{}[]string=v1.ExtraValue groups:[]string uid:string username:string',
  ValidationRule:
    'fieldPath:string message:string messageExpression:string optionalOldSelf*:bool reason*:string=v1.FieldValueErrorReason rule+:string',
  Volume:
    'awsElasticBlockStore*:AWSElasticBlockStoreVolumeSource azureDisk*:AzureDiskVolumeSource azureFile*:AzureFileVolumeSource cephfs*:CephFSVolumeSource cinder*:CinderVolumeSource configMap*:ConfigMapVolumeSource csi*:CSIVolumeSource downwardAPI*:DownwardAPIVolumeSource emptyDir*:EmptyDirVolumeSource ephemeral*:EphemeralVolumeSource fc*:FCVolumeSource flexVolume*:FlexVolumeSource flocker*:FlockerVolumeSource gcePersistentDisk*:GCEPersistentDiskVolumeSource gitRepo*:GitRepoVolumeSource glusterfs*:GlusterfsVolumeSource hostPath*:HostPathVolumeSource image*:ImageVolumeSource iscsi*:ISCSIVolumeSource name+:string nfs*:NFSVolumeSource persistentVolumeClaim*:PersistentVolumeClaimVolumeSource photonPersistentDisk*:PhotonPersistentDiskVolumeSource portworxVolume*:PortworxVolumeSource projected*:ProjectedVolumeSource quobyte*:QuobyteVolumeSource rbd*:RBDVolumeSource scaleIO*:ScaleIOVolumeSource secret*:SecretVolumeSource storageos*:StorageOSVolumeSource vsphereVolume*:VsphereVirtualDiskVolumeSource',
  VolumeDevice: 'devicePath+:string name+:string',
  VolumeMount:
    'mountPath+:string mountPropagation*:string=v1.MountPropagationMode name+:string readOnly:bool recursiveReadOnly*:string=v1.RecursiveReadOnlyMode subPath:string subPathExpr:string',
  VolumeMountStatus:
    'mountPath+:string name+:string readOnly:bool recursiveReadOnly*:string=v1.RecursiveReadOnlyMode',
  VolumeNodeAffinity: 'required*:NodeSelector',
  VolumeProjection:
    'clusterTrustBundle*:ClusterTrustBundleProjection configMap*:ConfigMapProjection downwardAPI*:DownwardAPIProjection secret*:SecretProjection serviceAccountToken*:ServiceAccountTokenProjection',
  VolumeResourceRequirements: 'limits:{}quantity requests:{}quantity',
  VsphereVirtualDiskVolumeSource:
    'fsType:string storagePolicyID:string storagePolicyName:string volumePath+:string',
  WebhookClientConfig: 'caBundle:bytes service*:ServiceReference url*:string',
  WebhookConversion: 'clientConfig*:WebhookClientConfig conversionReviewVersions+:[]string',
  WeightedPodAffinityTerm: 'podAffinityTerm+:PodAffinityTerm weight+:int32',
  WindowsSecurityContextOptions:
    'gmsaCredentialSpec*:string gmsaCredentialSpecName*:string hostProcess*:bool runAsUserName*:string',
}

/** Structs of kinds whose name more than one group or version has: `apiVersion/kind` to struct. */
export const KIND_STRUCTS: Readonly<Record<string, string>> = {
  'autoscaling/v1/HorizontalPodAutoscaler': 'AutoscalingV1HorizontalPodAutoscaler',
  'autoscaling/v2/HorizontalPodAutoscaler': 'AutoscalingV2HorizontalPodAutoscaler',
  'events.k8s.io/v1/Event': 'EventsV1Event',
  'v1/Event': 'CoreV1Event',
}
