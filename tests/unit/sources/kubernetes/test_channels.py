"""The frames of an exec, as KEP-4006 and client-go's remotecommand describe them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.sources.kubernetes.connection.channels import Channels


def status(**fields):
    return b"\x03" + json.dumps(fields).encode()


def test_output_and_a_command_that_succeeded():
    channels = Channels(1000)
    for frame in (b"\x01one ", b"\x02oops", b"\x01two", b"", b"\x09what", status(status="Success")):
        channels.take(frame)
    result = channels.result()
    assert (result.stdout, result.stderr, result.exit_code) == ("one two", "oops", 0)
    assert result.refusal is result.cut is None


def test_an_exit_code():
    channels = Channels(1000)
    causes = [{"reason": "ExitCode", "message": "7"}]
    channels.take(status(status="Failure", reason="NonZeroExitCode", details={"causes": causes}))
    assert channels.result().exit_code == 7


@pytest.mark.parametrize(
    ("frame", "refusal"),
    [
        (status(status="Failure", message="container not found"), "container not found"),
        (status(status="Failure", reason="InternalError"), "InternalError"),
        (status(status="Failure", reason="NonZeroExitCode", details=None), "NonZeroExitCode"),
        (b"\x03nonsense", "in no form that we know"),
        (b"\x03[]", "in no form that we know"),
    ],
)
def test_why_a_command_was_not_run(frame, refusal):
    channels = Channels(1000)
    channels.take(frame)
    result = channels.result()
    assert result.exit_code is None
    assert refusal in result.refusal


def test_a_connection_that_ends_early_is_cut():
    channels = Channels(1000)
    channels.take(b"\x01half")
    assert channels.result().cut == "the connection was closed before the command ended"
    assert channels.result(cut="it did not end within 20 s").cut == "it did not end within 20 s"


def test_output_is_bounded():
    channels = Channels(10)
    channels.take(b"\x01" + b"a" * 8)
    assert not channels.done
    channels.take(b"\x02" + b"b" * 8)
    assert channels.done
    result = channels.result()
    assert (result.stdout, result.stderr) == ("a" * 8, "bb")
    assert "output" in result.cut


def test_the_last_line_ends_it():
    channels = Channels(100, last=b"MARK end")
    channels.take(b"\x01MARK begin\n")
    assert not channels.done
    channels.take(b"\x01\nMARK end\n")
    assert channels.done
    assert channels.result().cut is None


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_no_frame_raises(frames):
    channels = Channels(100)
    for frame in frames:
        channels.take(frame)
    assert len(channels.result().stdout.encode("utf-8", "replace")) <= 400
