"""What the reading of resources remembers for the lint: annotations that Calico ignores, objects written by hand."""

from calico_bgp.auditing.lint import lint
from calico_bgp.parse.resources.reader import parse_resources

KUBERNETES = """
apiVersion: v1
kind: Node
metadata:
  name: n1
  annotations:
    projectcalico.org/IPv4Address: 192.0.2.1/24
    projectcalico.org/ASNumber: many
    projectcalico.org/RouteReflectorClusterID: rack-1
"""
STORED = """
apiVersion: crd.projectcalico.org/v1
kind: BGPPeer
metadata:
  name: tor
{annotations}
spec:
  peerIP: 192.0.2.254
  asNumber: 65001
"""
FROM_THE_API = "  annotations: {projectcalico.org/metadata: '{}'}"


def found(text):
    return {f.rule: f for f in lint(parse_resources([("a.yaml", text)])).findings}


def test_annotations_that_calico_ignores():
    findings = found(KUBERNETES)
    assert findings.keys() == {"annotation-ignored", "cluster-id-malformed"}
    assert "ASNumber of n1: 'many'" in findings["annotation-ignored"].message
    assert findings["cluster-id-malformed"].next_step.startswith("kubectl annotate node n1 ")
    assert found(KUBERNETES.replace("many", "65001").replace("rack-1", "244.0.0.1")) == {}


def test_an_object_in_stored_form():
    assert found(STORED.format(annotations="")).keys() == {"crd-v1-by-hand"}
    assert found(STORED.format(annotations=FROM_THE_API)) == {}
    assert found(STORED.format(annotations="").replace("crd.projectcalico.org/v1", "projectcalico.org/v3")) == {}


def test_the_line_is_that_of_the_field():
    broken = STORED.format(annotations=FROM_THE_API).replace("  asNumber: 65001\n", "")
    (finding,) = found(broken).values()
    assert (finding.subject.file, finding.subject.line) == ("a.yaml", 8)
