"""The checks can fail: each of these is put into a copy, and must be found.

A fault is a file, what stands in it, what is put there instead, the overlay that shows it, and a word of
the finding.
"""

FAULTS = [
    ("base/gateway/deployment.yaml", "PLATEN_DRAIN_WAIT", "PLATEN_DRAIN_WEIGHT", "kind", "knows no PLATEN_DRAIN_WEIGHT"),
    ("base/dispatcher/deployment.yaml", "{name: platen-link-key, key: key}", "{name: platen-link-key, key: kee}", "production", "no key `kee`"),
    ("base/dispatcher/deployment.yaml", "name: PLATEN_LINK_KEY", "name: PLATEN_SEAL_KEY", "kind", "PLATEN_LINK_KEY is missing"),
    ("base/kustomization.yaml", "PLATEN_LOG_FORMAT=json", "PLATEN_LOG_FORM=json", "kind", "no program knows PLATEN_LOG_FORM"),
    ("base/gateway/service.yaml", "targetPort: http", "targetPort: htpp", "kind", "no port `htpp`"),
    ("base/gateway/ingress.yaml", "port: {name: http}", "port: {name: web}", "production", "there is no Service"),
    ("base/gateway/budget.yaml", "name: platen-gateway\n", "name: platen-gate\n", "kind", "it selects no pod"),
    ("base/gateway/account.yaml", "name: platen-gateway", "name: platen-gates", "kind", "there is no ServiceAccount"),
    ("base/gateway/deployment.yaml", "/health/ready", "/health", "kind", "must ask /health/ready"),
    ("base/renderer-browser/deployment.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "kind", "can be written"),
    ("base/renderer-browser/deployment.yaml", "limits: {memory: 4Gi}", "limits: {}", "kind", "no limits of memory"),
    ("base/renderer-browser/deployment.yaml", "terminationGracePeriodSeconds: 490", "terminationGracePeriodSeconds: 60", "kind", "is killed after 60 s"),
    ("base/renderer-native/deployment.yaml", "seccompProfile: {type: RuntimeDefault}", "seccompProfile: {type: Unconfined}", "kind", "no seccomp profile"),
    ("base/renderer-native/deployment.yaml", "replicas: 1", "replicaz: 1", "production", "replica"),
    ("base/network/internet.yaml", "              - 169.254.0.0/16\n", "", "production", "169.254.169.254 is open"),
    ("base/network/internet.yaml", "              - fc00::/7\n", "", "production", "fd00:ec2::254 is open"),
    ("base/network/database.yaml", "platen-migrate", "platen-renderer-browser", "kind", "opens the database"),
    ("base/network/deny.yaml", "[Ingress, Egress]", "[Ingress]", "kind", "nothing is denied"),
    ("overlays/kind/kustomization.yaml", "components:\n  - ../../components/no-sandbox\n", "", "kind", "just one of"),
    ("components/keda/renderer-browser.yaml", "platen.jobs.browser.sync.v1", "platen.jobs.browser.sync", "production", "there is no queue"),
    ("components/keda/renderer-native.yaml", "platen.jobs.native.sync.v1", "platen.jobs.browser.sync.v1", "production", "another lane"),
    ("components/keda/dispatcher.yaml", "pollingInterval", "pollInterval", "production", "pollInterval"),
    ("components/hpa/gateway.yaml", "averageUtilization", "averageUtilisation", "plain", "averageUtilisation"),
    ("components/office/network.yaml", "              - 169.254.0.0/16\n", "", "plain", "169.254.169.254 is open"),
    ("components/office/kustomization.yaml", "PLATEN_FEATURES", "PLATEN_FEATURE", "plain", "knows no PLATEN_FEATURE"),
    ("components/seccomp/chromium.json", '"madvise"', '"mount"', None, "allows mount"),
    ("components/seccomp/kustomization.yaml", "  - path: renderer.yaml", "  - path: rendered.yaml", "production", "rendered.yaml"),
    ("components/monitoring/kustomization.yaml", "containerPort: 9464", "containerPort: 9465", "production", "is not the port `metrics`"),
    ("components/monitoring/pods.yaml", "port: metrics", "port: metric", "production", "no port `metric`"),
]  # fmt: skip
