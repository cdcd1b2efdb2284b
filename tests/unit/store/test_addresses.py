"""The addresses of a snapshot: in a mesh each of them stands in the table of every node."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from pydantic import ValidationError

from calico_bgp.model.reading import NodeStatus


@pytest.mark.parametrize(
    ("text", "address"), [("10.0.0.2", IPv4Address("10.0.0.2")), ("2001:db8::2", IPv6Address("2001:db8::2"))]
)
def test_an_address_that_stands_often_is_one_object(text, address):
    status = NodeStatus.model_validate_json(f'{{"addresses": ["{text}", "{text}"]}}')
    assert status.addresses == (address, address)
    assert status.addresses[0] is status.addresses[1]


@pytest.mark.parametrize("text", ["10.0.0", "node2", "10.0.0.2/24", ""])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValidationError, match="does not appear to be an IPv4 or IPv6 address"):
        NodeStatus.model_validate_json(f'{{"addresses": ["{text}"]}}')
