"""A stand-in for calicoctl where fixes are run: it edits a rig's datastore and takes only real syntax.

Usage texts: calicoctl/calicoctl/commands/{label,patch,delete,apply,get}.go. Knows nothing of BIRD. What it prints is
calicoctl's, as far as somebody reads it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import yaml

from tests.rig.machines.datastore import ANNOTATIONS, OWN_LABELS, Datastore, calico_node
from tests.rig.standins.command_line import CommandError, Parsed, UnknownOption, parse
from tests.rig.standins.resource_schema import NAMES, Document, SchemaError, check, merged

_COMMON = {"config": "c", "namespace": "n", "context": ""}
_MISMATCH = {"allow-version-mismatch": ""}


def run(arguments: Sequence[str], store: Datastore, stdin: str = "", read: Callable[[str], str] | None = None) -> str:
    """What it prints.

    Args:
        arguments: The command line behind `calicoctl`.
        store: What it edits.
        stdin: Its standard input.
        read: Reads a file of `-f`; None where there are no files.

    Raises:
        CommandError: Text for stderr and exit code.
    """
    if not arguments or arguments[0] not in _COMMANDS:
        raise CommandError(f"Unknown command: {' '.join(arguments[:1])!r}\nUse 'calicoctl --help'.")
    valued, flags, command = _COMMANDS[arguments[0]]
    wrong = f"Invalid option: 'calicoctl {' '.join(arguments)}'. Use flag '--help' to read about a specific subcommand."
    try:
        parsed = parse(arguments[1:], _COMMON | valued, _MISMATCH | flags, values_of_flags=False)
    except UnknownOption:
        raise CommandError(wrong) from None
    if parsed.rest is not None:
        raise CommandError(wrong)
    try:
        return command(_Call(parsed, store, stdin, read, wrong))
    except SchemaError as error:
        raise CommandError(f"Failed to execute command: error with the resource: {error}") from error


class _Call:
    def __init__(
        self, parsed: Parsed, store: Datastore, stdin: str, read: Callable[[str], str] | None, wrong: str
    ) -> None:
        self.words = parsed.words
        self.parsed = parsed
        self.store = store
        self.stdin = stdin
        self.read = read
        self.wrong = wrong

    def kind(self) -> str:
        """The kind that the first word names."""
        if not self.words:
            raise CommandError(self.wrong)
        for kind, names in NAMES.items():
            if self.words[0].lower() in names:
                return kind
        raise CommandError(f"Failed to execute command: resource type '{self.words[0]}' is not supported")

    def exactly(self, count: int) -> None:
        if len(self.words) != count:
            raise CommandError(self.wrong)

    def documents(self) -> list[Document]:
        """What -f gives."""
        name = self.parsed.options.get("filename")
        if name is None or self.words:
            raise CommandError(self.wrong)
        if name == "-":
            text = self.stdin
        elif self.read is not None:
            text = self.read(name)
        else:
            raise CommandError(f"Failed to execute command: open {name}: no such file or directory")
        try:
            found = [document for document in yaml.safe_load_all(text) if document is not None]
        except yaml.YAMLError as error:
            raise CommandError(f"Failed to execute command: error converting YAML to JSON: {error}") from error
        documents = []
        for document in found:
            if not isinstance(document, dict) or document.get("apiVersion") != "projectcalico.org/v3":
                raise CommandError(f"Failed to execute command: unknown resource version in {document!r}")
            documents += document["items"] if str(document.get("kind")).endswith("List") else [document]
        for document in documents:
            if not (document.get("metadata") or {}).get("name"):
                raise CommandError("Failed to execute command: resource name may not be empty")
            check(document)
        return documents


def _there(store: Datastore, kind: str, name: str) -> Document:
    """As calicoctl sees it."""
    found = store.get(kind, name)
    if found is None:
        raise CommandError(f'resource does not exist: {kind}({name}) with error: {kind.lower()}s "{name}" not found')
    return calico_node(found) if kind == "Node" else found


def _write(store: Datastore, document: Document) -> None:
    """A Node becomes annotations of the Kubernetes Node (libcalico-go/lib/backend/k8s/resources/node.go)."""
    check(document)
    if document["kind"] != "Node":
        store.put(document)
        return
    name = document["metadata"]["name"]
    kubernetes = store.get("Node", name)
    if kubernetes is None:
        raise CommandError(f"resource does not exist: Node({name})")
    metadata = kubernetes["metadata"]
    annotations = metadata.setdefault("annotations", {})
    bgp = document["spec"].get("bgp") or {}
    for field, annotation in ANNOTATIONS.items():
        annotations.pop(annotation, None)
        if bgp.get(field) is not None:
            annotations[annotation] = str(bgp[field])
    # Labels that are not Kubernetes' own go into an annotation; Kubernetes' cannot be changed from here.
    own = {k: v for k, v in (document["metadata"].get("labels") or {}).items() if metadata["labels"].get(k) != v}
    annotations.pop(OWN_LABELS, None)
    if own:
        annotations[OWN_LABELS] = json.dumps(own)
    store.put(kubernetes)


def _label(call: _Call) -> str:
    kind = call.kind()
    call.exactly(3)
    _, name, text = call.words
    remove, overwrite = call.parsed.flag("remove"), call.parsed.flag("overwrite")
    if remove and overwrite:
        raise CommandError(call.wrong)
    document = _there(call.store, kind, name)
    labels = document["metadata"].setdefault("labels", {})
    said = f"{call.words[0]} {name}"
    if remove:
        if text not in labels:
            raise CommandError(f"cannot remove label of {said}, key {text} does not exist")
        del labels[text]
        _write(call.store, document)
        return f"Successfully removed label {text} from {said}\n"
    if text.count("=") != 1:
        raise CommandError(f"invalid label {text}" if "=" in text else call.wrong)
    key, _, value = text.partition("=")
    there = key in labels
    if there and not overwrite and labels[key] != value:
        raise CommandError(
            f"failed to update label of {said}, key {key} is already present. "
            "please use '--overwrite' to set a new value."
        )
    labels[key] = value
    _write(call.store, document)
    return f"Successfully {'updated' if there else 'set'} label {key} on {said}\n"


def _patch(call: _Call) -> str:
    kind = call.kind()
    call.exactly(2)
    if "patch" not in call.parsed.options:
        raise CommandError(call.wrong)
    if call.parsed.options.get("type", "strategic") not in {"strategic", "json", "merge"}:
        raise CommandError(f"Failed to execute command: unknown patch type {call.parsed.options['type']!r}")
    try:
        change = json.loads(call.parsed.options["patch"])
    except ValueError as error:
        raise CommandError(f"Failed to patch '{kind}' resource: invalid JSON: {error}") from error
    if not isinstance(change, dict):
        raise CommandError(f"Failed to patch '{kind}' resource: json: cannot unmarshal into an object")
    unknown = set(change) - {"apiVersion", "kind", "metadata", "spec"}
    if unknown:
        raise CommandError(f"Failed to patch '{kind}' resource: unknown field {min(unknown)!r}")
    document = _there(call.store, kind, call.words[1])
    _write(call.store, merged(document, change))
    return f"Successfully patched 1 '{kind}' resource\n"


def _delete(call: _Call) -> str:
    if "filename" in call.parsed.options:
        wanted = [(d["kind"], d["metadata"]["name"]) for d in call.documents()]
    else:
        kind = call.kind()
        if len(call.words) < 2:
            raise CommandError(call.wrong)
        wanted = [(kind, name) for name in call.words[1:]]
    for kind, name in wanted:
        if not call.store.delete(kind, name) and not call.parsed.flag("skip-not-exists"):
            raise CommandError(f"Failed to delete '{kind}' resource: resource does not exist: {kind}({name})")
    return f"Successfully deleted {len(wanted)} '{wanted[0][0]}' resource(s)\n"


def _load(*, create: bool, replace: bool) -> Callable[[_Call], str]:
    def load(call: _Call) -> str:
        documents = call.documents()
        if not documents:
            raise CommandError("No resources specified")
        for document in documents:
            kind, name = document["kind"], document["metadata"]["name"]
            there = call.store.get(kind, name) is not None
            if there and not replace and not call.parsed.flag("skip-exists"):
                raise CommandError(f"Failed to create '{kind}' resource: resource already exists: {kind}({name})")
            if not there and not create:
                raise CommandError(f"Failed to replace '{kind}' resource: resource does not exist: {kind}({name})")
            _write(call.store, document)
        verb = "applied" if create and replace else "created" if create else "replaced"
        return f"Successfully {verb} {len(documents)} '{documents[0]['kind']}' resource(s)\n"

    return load


def _get(call: _Call) -> str:
    kind = call.kind()
    names = call.words[1:]
    found: list[Any] = [_there(call.store, kind, name) for name in names]
    if not names:
        found = [calico_node(d) if kind == "Node" else d for d in call.store.all(kind)]
    output = call.parsed.options.get("output", "ps")
    listed = (
        found[0] if len(names) == 1 else {"apiVersion": "projectcalico.org/v3", "kind": f"{kind}List", "items": found}
    )
    if output == "json":
        return json.dumps(listed, indent=2) + "\n"
    if output == "yaml":
        return yaml.safe_dump(listed, sort_keys=False)
    if output in {"ps", "wide"}:
        return "".join(f"{line}\n" for line in ("NAME", *(d["metadata"]["name"] for d in found)))
    raise CommandError(f"unrecognized output format '{output}'")


_FILE = {"filename": "f"}
_COMMANDS: dict[str, tuple[dict[str, str], dict[str, str], Callable[[_Call], str]]] = {
    "label": ({}, {"overwrite": "", "remove": ""}, _label),
    "patch": ({"patch": "p", "type": "t"}, {}, _patch),
    "delete": (_FILE, {"skip-not-exists": "s", "recursive": "R"}, _delete),
    "apply": (_FILE, {"recursive": "R", "skip-empty": ""}, _load(create=True, replace=True)),
    "create": (_FILE, {"recursive": "R", "skip-exists": "s", "skip-empty": ""}, _load(create=True, replace=False)),
    "replace": (_FILE, {"recursive": "R", "skip-empty": ""}, _load(create=False, replace=True)),
    "get": (_FILE | {"output": "o"}, {"recursive": "R", "all-namespaces": "a", "export": ""}, _get),
}
