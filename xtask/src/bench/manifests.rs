//! Manifests as `helm template` prints them in production: the kinds, their sizes, their comments and quoting.

use std::fmt::Write;

use fastrand::Rng;

/// One object of an Application.
pub(crate) struct Object<'a> {
    /// The Application's name, which charts use for nearly everything.
    pub(crate) app: &'a str,
    /// The destination's namespace.
    pub(crate) namespace: &'a str,
    /// What distinguishes the component from others of the same Application.
    pub(crate) component: &'a str,
}

const NAMES: [&str; 10] =
    ["DATABASE", "CACHE", "QUEUE", "FEATURE", "TRACING", "LOG", "HTTP", "GRPC", "AUTH", "METRICS"];
const FIELDS: [&str; 8] =
    ["URL", "TIMEOUT_SECONDS", "POOL_SIZE", "ENDPOINT", "LEVEL", "ENABLED", "TOPIC", "REGION"];

impl Object<'_> {
    fn header(&self, api_version: &str, kind: &str, namespaced: bool) -> String {
        let Self { app, namespace, component } = self;
        let place = if namespaced { format!("  namespace: {namespace}\n") } else { String::new() };
        format!(
            "---\n# Source: {app}/templates/{component}-{file}.yaml\napiVersion: {api_version}\nkind: {kind}\nmetadata:\n  \
             name: {app}-{component}\n{place}  labels:\n    helm.sh/chart: {app}-4.12.3\n    \
             app.kubernetes.io/name: {app}\n    app.kubernetes.io/instance: {app}\n    \
             app.kubernetes.io/component: {component}\n    app.kubernetes.io/version: \"2.31.0\"\n    \
             app.kubernetes.io/managed-by: Helm\n    app.kubernetes.io/part-of: {app}\n",
            file = kind.to_lowercase(),
        )
    }

    /// 2 to 3 kB: two containers, probes, resources, volumes, spread constraints.
    pub(crate) fn deployment(&self, rng: &mut Rng) -> String {
        let Self { app, component, .. } = self;
        let mut text = self.header("apps/v1", "Deployment", true);
        let _ = write!(
            text,
            "spec:\n  replicas: {replicas}\n  revisionHistoryLimit: 5\n  strategy:\n    type: RollingUpdate\n    \
             rollingUpdate:\n      maxSurge: 25%\n      maxUnavailable: 0\n  selector:\n    matchLabels:\n      \
             app.kubernetes.io/name: {app}\n      app.kubernetes.io/component: {component}\n  template:\n    \
             metadata:\n      annotations:\n        checksum/config: {checksum:032x}{checksum:032x}\n        \
             prometheus.io/scrape: \"true\"\n        prometheus.io/port: \"9090\"\n      labels:\n        \
             app.kubernetes.io/name: {app}\n        app.kubernetes.io/component: {component}\n    spec:\n      \
             serviceAccountName: {app}-{component}\n      automountServiceAccountToken: false\n      \
             securityContext:\n        runAsNonRoot: true\n        runAsUser: 65532\n        seccompProfile:\n          \
             type: RuntimeDefault\n      containers:\n      - name: {component}\n        \
             image: \"111122223333.dkr.ecr.eu-west-1.amazonaws.com/{app}/{component}:v2.31.{patch}\"\n        \
             imagePullPolicy: IfNotPresent\n        args: [\"--listen=:8080\", \"--metrics=:9090\", \"--config=/etc/{app}/config.yaml\"]\n        \
             ports:\n        - name: http\n          containerPort: 8080\n          protocol: TCP\n        - name: metrics\n          \
             containerPort: 9090\n          protocol: TCP\n        env:\n        - name: POD_NAME\n          valueFrom:\n            \
             fieldRef:\n              fieldPath: metadata.name\n",
            replicas = rng.u8(2..12),
            checksum = rng.u128(..),
            patch = rng.u8(..),
        );
        for _ in 0..rng.usize(4..14) {
            let _ = writeln!(text, "        - name: {}\n          value: \"{}\"", variable(rng), value(rng));
        }
        let _ = write!(
            text,
            "        envFrom:\n        - secretRef:\n            name: {app}-{component}\n        livenessProbe:\n          \
             httpGet:\n            path: /healthz\n            port: http\n          initialDelaySeconds: 10\n          \
             periodSeconds: 15\n        readinessProbe:\n          httpGet:\n            path: /readyz\n            port: http\n          \
             periodSeconds: 5\n          failureThreshold: 3\n        resources:\n          requests:\n            cpu: {cpu}m\n            \
             memory: {memory}Mi\n          limits:\n            memory: {memory}Mi\n        securityContext:\n          \
             allowPrivilegeEscalation: false\n          readOnlyRootFilesystem: true\n          capabilities:\n            drop:\n            \
             - ALL\n        volumeMounts:\n        - name: config\n          mountPath: /etc/{app}\n          readOnly: true\n        \
             - name: tmp\n          mountPath: /tmp\n      topologySpreadConstraints:\n      - maxSkew: 1\n        \
             topologyKey: topology.kubernetes.io/zone\n        whenUnsatisfiable: ScheduleAnyway\n        labelSelector:\n          \
             matchLabels:\n            app.kubernetes.io/name: {app}\n      volumes:\n      - name: config\n        configMap:\n          \
             name: {app}-{component}\n      - name: tmp\n        emptyDir: {{}}\n",
            cpu = rng.u16(50..2000),
            memory = rng.u16(64..4096),
        );
        text
    }

    /// 1 to 6 kB: a configuration file as a block scalar.
    pub(crate) fn config_map(&self, rng: &mut Rng) -> String {
        let mut text = self.header("v1", "ConfigMap", true);
        text.push_str("data:\n  config.yaml: |\n    server:\n      address: \":8080\"\n");
        for _ in 0..rng.usize(10..90) {
            let _ = writeln!(
                text,
                "      # {}\n      {}: \"{}\"",
                value(rng),
                variable(rng).to_lowercase(),
                value(rng)
            );
        }
        text
    }

    /// 0.8 kB
    pub(crate) fn service(&self) -> String {
        let Self { app, component, .. } = self;
        let header = self.header("v1", "Service", true);
        format!(
            "{header}spec:\n  type: ClusterIP\n  ports:\n  - name: http\n    port: 80\n    targetPort: http\n    protocol: TCP\n  \
             - name: metrics\n    port: 9090\n    targetPort: metrics\n    protocol: TCP\n  selector:\n    \
             app.kubernetes.io/name: {app}\n    app.kubernetes.io/component: {component}\n"
        )
    }

    /// 0.5 kB
    pub(crate) fn service_account(&self) -> String {
        let header = self.header("v1", "ServiceAccount", true);
        format!(
            "{header}  annotations:\n    eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/{}-{}\nautomountServiceAccountToken: false\n",
            self.app, self.component
        )
    }

    /// 1.2 kB
    pub(crate) fn ingress(&self) -> String {
        let Self { app, component, .. } = self;
        let header = self.header("networking.k8s.io/v1", "Ingress", true);
        format!(
            "{header}  annotations:\n    alb.ingress.kubernetes.io/scheme: internal\n    alb.ingress.kubernetes.io/target-type: ip\n    \
             alb.ingress.kubernetes.io/listen-ports: '[{{\"HTTPS\":443}}]'\n    alb.ingress.kubernetes.io/healthcheck-path: /healthz\nspec:\n  \
             ingressClassName: alb\n  tls:\n  - hosts:\n    - {component}.{app}.example.com\n    secretName: {app}-{component}-tls\n  rules:\n  \
             - host: {component}.{app}.example.com\n    http:\n      paths:\n      - path: /\n        pathType: Prefix\n        backend:\n          \
             service:\n            name: {app}-{component}\n            port:\n              name: http\n"
        )
    }

    /// 0.9 kB
    pub(crate) fn autoscaler(&self, rng: &mut Rng) -> String {
        let Self { app, component, .. } = self;
        let header = self.header("autoscaling/v2", "HorizontalPodAutoscaler", true);
        format!(
            "{header}spec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: {app}-{component}\n  minReplicas: 2\n  \
             maxReplicas: {}\n  metrics:\n  - type: Resource\n    resource:\n      name: cpu\n      target:\n        type: Utilization\n        \
             averageUtilization: 70\n",
            rng.u8(5..60)
        )
    }

    /// 0.6 kB
    pub(crate) fn disruption_budget(&self) -> String {
        let header = self.header("policy/v1", "PodDisruptionBudget", true);
        format!(
            "{header}spec:\n  maxUnavailable: 1\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: {}\n",
            self.app
        )
    }

    /// 0.8 kB
    pub(crate) fn network_policy(&self) -> String {
        let header = self.header("networking.k8s.io/v1", "NetworkPolicy", true);
        format!(
            "{header}spec:\n  podSelector:\n    matchLabels:\n      app.kubernetes.io/name: {}\n  policyTypes: [Ingress, Egress]\n  ingress:\n  \
             - from:\n    - namespaceSelector:\n        matchLabels:\n          kubernetes.io/metadata.name: ingress\n    ports:\n    - port: 8080\n  \
             egress:\n  - {{}}\n",
            self.app
        )
    }

    /// 0.8 kB: a Role that reads a few things of its own namespace.
    pub(crate) fn role(&self) -> String {
        let header = self.header("rbac.authorization.k8s.io/v1", "Role", true);
        format!(
            "{header}rules:\n- apiGroups: [\"\"]\n  resources: [configmaps]\n  verbs: [get, list, watch]\n- apiGroups:\n  - coordination.k8s.io\n  \
             resources:\n  - leases\n  verbs:\n  - get\n  - create\n  - update\n"
        )
    }

    /// 0.7 kB
    pub(crate) fn role_binding(&self) -> String {
        let Self { app, namespace, component } = self;
        let header = self.header("rbac.authorization.k8s.io/v1", "RoleBinding", true);
        format!(
            "{header}roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: Role\n  name: {app}-{component}\nsubjects:\n- kind: ServiceAccount\n  \
             name: {app}-{component}\n  namespace: {namespace}\n"
        )
    }

    /// 0.9 kB: a ClusterRole, as operators ship them.
    pub(crate) fn cluster_role(&self, group: &str, plural: &str) -> String {
        let header = self.header("rbac.authorization.k8s.io/v1", "ClusterRole", false);
        format!(
            "{header}rules:\n- apiGroups: [{group}]\n  resources: [{plural}, {plural}/status]\n  verbs: [get, list, watch, update, patch]\n- apiGroups: [\"\"]\n  \
             resources: [events]\n  verbs: [create, patch]\n- apiGroups: [\"\"]\n  resources: [namespaces]\n  verbs: [get, list, watch]\n"
        )
    }

    /// 0.8 kB
    pub(crate) fn cluster_role_binding(&self) -> String {
        let Self { app, namespace, component } = self;
        let header = self.header("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", false);
        format!(
            "{header}roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  name: {app}-{component}\nsubjects:\n- kind: ServiceAccount\n  \
             name: {app}-{component}\n  namespace: {namespace}\n"
        )
    }

    /// 1.5 kB: a migration that runs before each sync.
    pub(crate) fn hook(&self, rng: &mut Rng) -> String {
        let Self { app, component, .. } = self;
        let header = self.header("batch/v1", "Job", true);
        let mut text = format!(
            "{header}  annotations:\n    argocd.argoproj.io/hook: PreSync\n    argocd.argoproj.io/hook-delete-policy: BeforeHookCreation\nspec:\n  \
             backoffLimit: 1\n  template:\n    spec:\n      restartPolicy: Never\n      serviceAccountName: {app}-{component}\n      containers:\n      \
             - name: migrate\n        image: \"111122223333.dkr.ecr.eu-west-1.amazonaws.com/{app}/migrate:v2.31.0\"\n        env:\n"
        );
        for _ in 0..rng.usize(3..9) {
            let _ = writeln!(text, "        - name: {}\n          value: \"{}\"", variable(rng), value(rng));
        }
        text
    }

    /// 1.2 kB: a custom resource of the CRD that the cluster's platform Application brings.
    pub(crate) fn custom(&self, group: &str, kind: &str, rng: &mut Rng) -> String {
        let mut text = self.header(&format!("{group}/v1"), kind, true);
        let _ = write!(
            text,
            "spec:\n  refreshInterval: 1h\n  storeRef: {{kind: ClusterStore, name: aws}}\n  target:\n    name: {}\n  data:\n",
            self.app
        );
        for _ in 0..rng.usize(3..12) {
            let _ = write!(
                text,
                "  - secretKey: {}\n    remoteRef:\n      key: {}/{}\n      property: {}\n",
                variable(rng),
                self.namespace,
                self.app,
                variable(rng)
            );
        }
        text
    }
}

/// 15 to 40 kB: a CustomResourceDefinition with the schema that controller-gen writes.
pub(crate) fn definition(group: &str, kind: &str, plural: &str, rng: &mut Rng) -> String {
    let mut text = format!(
        "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  annotations:\n    \
         controller-gen.kubebuilder.io/version: v0.17.1\n  name: {plural}.{group}\nspec:\n  group: {group}\n  names:\n    kind: {kind}\n    \
         listKind: {kind}List\n    plural: {plural}\n    singular: {singular}\n  scope: Namespaced\n  versions:\n  - name: v1\n    served: true\n    \
         storage: true\n    subresources:\n      status: {{}}\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          \
         spec:\n            type: object\n            properties:\n",
        singular = kind.to_lowercase()
    );
    for field in 0..rng.usize(60..160) {
        let _ = write!(
            text,
            "              field{field}:\n                description: |-\n                  {} {}.\n                  {}\n                \
             type: string\n                maxLength: {}\n",
            value(rng),
            value(rng),
            value(rng),
            rng.u16(..)
        );
    }
    text
}

fn variable(rng: &mut Rng) -> String {
    let pick = |list: &[&str], at: usize| list.get(at).map_or("X", |name| *name).to_owned();
    format!("{}_{}", pick(&NAMES, rng.usize(..NAMES.len())), pick(&FIELDS, rng.usize(..FIELDS.len())))
}

fn value(rng: &mut Rng) -> String {
    let words = [
        "payments",
        "https://internal.example.com/v1",
        "30s",
        "true",
        "eu-west-1",
        "the default",
        "orders.created",
        "info",
    ];
    let chosen = (0..rng.usize(1..4)).map(|_| words.get(rng.usize(..words.len())).map_or("x", |word| *word));
    chosen.collect::<Vec<_>>().join(" ")
}
