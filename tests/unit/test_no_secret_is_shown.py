"""`repr` of no object shows a password: every class with fields is walked; what carries secrets is printed."""

import dataclasses
import importlib
import pkgutil
import re

import pytest
from pydantic import BaseModel

import calico_bgp
from calico_bgp.sources.ssh.options import SSHOptions

#: Names of fields that hold what nobody else may know.
SECRET = re.compile(
    r"password|passphrase|secret|token|private_key|key_data|client_key(?!_file)|credential", re.IGNORECASE
)
#: Fields so called that hold none: callables and switches, and names of files or Secrets.
HARMLESS = {"ask_passphrase"}


def modules():
    for found in pkgutil.walk_packages(calico_bgp.__path__, "calico_bgp."):
        if not found.name.endswith(("__main__", ".worker")):
            yield importlib.import_module(found.name)


def fields_of(cls):
    """(name, whether repr shows it, annotation)."""
    if issubclass(cls, BaseModel):
        return [(name, field.repr, str(field.annotation)) for name, field in cls.model_fields.items()]
    if dataclasses.is_dataclass(cls) and cls.__repr__ is not object.__repr__:
        return [(field.name, field.repr, str(field.type)) for field in dataclasses.fields(cls)]
    if hasattr(cls, "_fields") and issubclass(cls, tuple):
        return [(name, True, str(cls.__annotations__.get(name, ""))) for name in cls._fields]
    return []


def classes():
    seen = {}
    for module in modules():
        for value in vars(module).values():
            if isinstance(value, type) and value.__module__ == module.__name__:
                seen[f"{value.__module__}.{value.__qualname__}"] = value
    return seen


def test_no_field_with_a_secret_is_in_a_repr():
    shown = [
        f"{name}.{field}"
        for name, cls in classes().items()
        for field, is_shown, annotation in fields_of(cls)
        if is_shown and SECRET.search(field) and field not in HARMLESS and "str" in annotation
    ]
    assert shown == []


def test_the_walk_sees_what_it_should():
    found = classes()
    assert len(found) > 100
    assert any(
        field == "password" and not is_shown
        for field, is_shown, _ in fields_of(found["calico_bgp.sources.ssh.options.SSHOptions"])
    )


@pytest.mark.parametrize("secret", ["correct horse", "p'w\"d", "s3cret\\"])
def test_nothing_that_carries_the_options_shows_them(secret):
    from calico_bgp.cli.sources.source import Source
    from calico_bgp.sources.ssh.gatherer import SSHGatherer
    from calico_bgp.sources.ssh.workers.processes import Batch, options_to_json

    options = SSHOptions(password=secret, sudo_password=secret, passphrases=(secret,))
    carriers = [options, Batch(options=options_to_json(options), hosts=()), SSHGatherer(options)]
    wanted = {field.name for field in dataclasses.fields(Source)}
    given = {"hosts": None, "snapshot": None, "pasted": (), "limit": (), "cluster": None, "ssh": options}
    carriers.append(Source(**{name: value for name, value in given.items() if name in wanted}))
    for carrier in carriers:
        for text in (repr(carrier), str(carrier), f"{carrier!r}"):
            assert secret not in text
            assert repr(secret)[1:-1] not in text
