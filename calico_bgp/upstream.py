"""The fixed names of Calico and Kubernetes, each once: what they call things and where they listen. Values only.

What several rooms must spell alike stands here, with the file upstream that fixes it. Fields of a kind stand with the
reader of that kind, and a message may speak of a name in its sentences.
"""

from __future__ import annotations

from typing import Final

# API groups (projectcalico/api pkg/apis/projectcalico/v3; libcalico-go/lib/backend/k8s/resources).
CALICO_GROUP: Final = "projectcalico.org"
CRD_GROUP: Final = "crd.projectcalico.org"
#: What users write, and Calico's own API server serves.
V3: Final = "projectcalico.org/v3"
#: How Calico keeps its resources in a Kubernetes datastore.
CRD: Final = "crd.projectcalico.org/v1"

# Annotations of a Kubernetes Node (libcalico-go/lib/backend/k8s/resources/node.go).
#: All of Calico's begin so.
ANNOTATION: Final = "projectcalico.org/"
IPV4_ADDRESS: Final = "projectcalico.org/IPv4Address"
IPV6_ADDRESS: Final = "projectcalico.org/IPv6Address"
AS_NUMBER: Final = "projectcalico.org/ASNumber"
CLUSTER_ID: Final = "projectcalico.org/RouteReflectorClusterID"
#: Labels of Calico's own, as JSON.
OWN_LABELS: Final = "projectcalico.org/labels"
#: Field under `spec.bgp` of Calico's Node → the annotation that holds it on a Kubernetes Node.
NODE_ANNOTATIONS: Final = {
    "ipv4Address": IPV4_ADDRESS,
    "ipv6Address": IPV6_ADDRESS,
    "asNumber": AS_NUMBER,
    "routeReflectorClusterID": CLUSTER_ID,
}
#: What Calico's API leaves on the custom resources in which it keeps its own
#: (libcalico-go/lib/backend/k8s/resources/resources.go).
METADATA: Final = "projectcalico.org/metadata"

# Labels of a Kubernetes Node (kubernetes.io/docs/reference/labels-annotations-taints).
#: The zone; the second name is from before Kubernetes 1.17.
ZONE_LABELS: Final = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone")
ZONE_LABEL: Final = ZONE_LABELS[0]
#: Roles stand in labels that begin so (kubeadm); of the control plane `master` until Kubernetes 1.24.
ROLE_LABEL: Final = "node-role.kubernetes.io/"
CONTROL_PLANE_LABELS: Final = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
#: The operating system; the second name is from before Kubernetes 1.14.
OS_LABELS: Final = ("kubernetes.io/os", "beta.kubernetes.io/os")
HOSTNAME_LABEL: Final = "kubernetes.io/hostname"
#: The type of a Node's address that its kubelet reports (k8s.io/api/core/v1 NodeInternalIP).
INTERNAL_IP: Final = "InternalIP"

# calico-node (calico/manifests/calico.yaml; tigera/operator pkg/render/node.go).
#: The name of its DaemonSet and its container, and the value of its pods' label.
CALICO_NODE: Final = "calico-node"
APP_LABEL: Final = "k8s-app"
#: Every installation labels its pods so, in whatever namespace.
POD_SELECTOR: Final = "k8s-app=calico-node"
#: The revision of the DaemonSet's template that a pod was made of (Kubernetes pkg/controller/daemon).
REVISION_LABEL: Final = "controller-revision-hash"
BACKEND: Final = "CALICO_NETWORKING_BACKEND"

# BIRD inside calico-node (calico/node/filesystem/etc/service/available/bird*/run).
SOCKET_FOLDER: Final = "/var/run/calico"
BIRD_SOCKET: Final = "/var/run/calico/bird.ctl"
BIRD6_SOCKET: Final = "/var/run/calico/bird6.ctl"

#: The TCP port of BGP (RFC 4271 section 8).
BGP_PORT: Final = 179
#: The AS number of a cluster whose BGPConfiguration sets none (api/pkg/apis/projectcalico/v3/bgpconfig.go).
DEFAULT_AS: Final = 64512

# Interfaces of WireGuard that Felix makes, of IPv4 and of IPv6 (felix/config/config_params.go).
WIREGUARD_INTERFACES: Final = ("wireguard.cali", "wg-v6.cali")
#: How the names of all its tunnels' interfaces begin.
TUNNEL_INTERFACES: Final = ("vxlan", "tunl", "wireguard", "wg-v6")
#: How those of pods begin, where Kubernetes is the orchestrator (`interfacePrefix`).
POD_INTERFACES: Final = "cali"
