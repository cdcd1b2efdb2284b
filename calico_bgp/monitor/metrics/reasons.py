"""Why a session is down, as one of fifteen classes: texts would be a series each. The texts are of messages/info."""

from __future__ import annotations

from calico_bgp.messages.info.table import words_of_message
from calico_bgp.model.peer import BGPState, ErrorClass, Peer

#: INFO's text, as messages/info/texts.toml has it → the class.
_OF_TEXT = {
    "Connection refused": "refused",
    "Operation timed out": "timeout",
    "Host is unreachable": "unreachable",
    "Network unreachable": "unreachable",
    "Neighbor lost": "unreachable",
    "Link down": "unreachable",
    "Connection reset by peer": "reset",
    "Connection closed": "reset",
    "Connection rejected": "reset",
    "Connection collision resolution": "reset",
    "Hold timer expired": "hold_timer",
    "BFD session down": "hold_timer",
    "Kernel MD5 auth failed": "authentication",
    "Authentication failure": "authentication",
    "Bad peer AS": "bad_as",
    "Unsupported version number": "open_refused",
    "Bad BGP identifier": "open_refused",
    "Unsupported optional parameter": "open_refused",
    "Unacceptable hold time": "open_refused",
    "Required capability missing": "open_refused",
    "No supported AFI/SAFI": "open_refused",
    "Invalid OPEN message": "open_refused",
    "Cease": "shutdown",
    "Administrative shutdown": "shutdown",
    "Administrative reset": "shutdown",
    "Peer de-configured": "shutdown",
    "Other configuration change": "shutdown",
    "Graceful restart": "waiting",
    "Maximum number of prefixes reached": "route_limit",
    "Route limit exceeded": "route_limit",
    "Out of Resources": "protocol_error",
}
#: Of a BGP message that is none of these, and of what our own end complains about.
_OF_CLASS = {
    ErrorClass.BGP: "protocol_error",
    ErrorClass.RECEIVED: "protocol_error",
    ErrorClass.LOCAL: "local_error",
    ErrorClass.AUTOMATIC: "route_limit",
    ErrorClass.SOCKET: "other",
}


def reason_of(row: Peer) -> str:
    """The class of a row that is not Established."""
    if row.error is None:
        if row.protocol_state == "down":
            return "disabled"
        waits = row.bgp_state in {BGPState.PASSIVE, BGPState.ACTIVE, BGPState.CONNECT} or row.protocol_state == "wait"
        return "waiting" if waits else "other"
    words = words_of_message(row.error.error_class, row.error.message)
    reason = None if words is None else _OF_TEXT.get(words.text)
    if reason is not None:
        return reason
    kind = row.error.error_class
    return _OF_CLASS.get(kind, "other") if isinstance(kind, ErrorClass) else "other"
