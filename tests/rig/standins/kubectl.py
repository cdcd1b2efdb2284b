"""A stand-in for kubectl where fixes are run: it edits a rig's datastore, acts on its pods and takes only real syntax.

What it says is kubectl's, as far as somebody reads it. No code of calico_bgp may enter it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import yaml

from tests.rig.machines.datastore import AGENT, V3, Datastore
from tests.rig.standins.command_line import CommandError, Parsed, UnknownOption, parse
from tests.rig.standins.kube_objects import Document, Pods, kind_of, lower, objects, printed, selected
from tests.rig.standins.resource_schema import SPECS, SchemaError, check, label_problem, merged

_CALICO = set(SPECS) - {"Node"}
_ALL = {"all-namespaces": "A"}
_GLOBAL = {"namespace": "n", "context": "", "kubeconfig": "", "request-timeout": ""}


class _Call:
    """One command line."""

    def __init__(self, verb: str, parsed: Parsed, store: Datastore, pods: Pods, stdin: str) -> None:
        self.verb, self.store, self.pods, self.stdin = verb, store, pods, stdin
        self.words, self.options, self.parsed = parsed.words, parsed.options, parsed

    @property
    def namespace(self) -> str | None:
        return None if self.parsed.flag("all-namespaces") else self.options.get("namespace", "default")

    def targets(self, *, behind: int | None = None) -> tuple[str, list[Document], list[str]]:
        """The kind, the objects that the words and options name, and the words that follow.

        Args:
            behind: How many words belong to the objects; None for all of them.
        """
        if not self.words:
            raise CommandError("error: You must specify the type of resource. See 'kubectl api-resources'.")
        first, rest = self.words[0], self.words[1:]
        if "/" in first:
            kind_word, _, name = first.partition("/")
            kind, names = kind_of(kind_word), [name]
            while behind is None and rest and "/" in rest[0] and kind_of(rest[0].partition("/")[0]) == kind:
                names.append(rest.pop(0).partition("/")[2])
        else:
            kind = kind_of(first)
            count = len(rest) if behind is None else behind
            names, rest = rest[:count], rest[count:]
        chooses = bool(self.options.get("selector") or self.options.get("field-selector")) or self.parsed.flag("all")
        everything = objects(self.store, self.pods, kind)
        if names and chooses:
            raise CommandError("error: name cannot be provided when a selector is specified")
        if not names:
            if not chooses and self.verb != "get":
                raise CommandError("error: resource(s) were provided, but no name was specified")
            return kind, selected(everything, self.options, self.namespace), rest
        if names and self.parsed.flag("all-namespaces"):
            raise CommandError("error: a resource cannot be retrieved by name across all namespaces")
        by_name = {each["metadata"]["name"]: each for each in selected(everything, {}, self.namespace)}
        for name in names:
            if name not in by_name:
                raise CommandError(f"Error from server (NotFound): {lower(kind, name).replace('/', 's ', 1)} not found")
        return kind, [by_name[name] for name in names], rest


def run(arguments: Sequence[str], store: Datastore, pods: Pods, stdin: str = "") -> tuple[int, str]:
    """What it does: exit code and output.

    Args:
        arguments: The command line behind `kubectl`.
        store: What it edits.
        pods: What it acts on.
        stdin: Its standard input.

    Raises:
        CommandError: Text for stderr and exit code.
    """
    verb, rest = next(iter(arguments), ""), list(arguments[1:])
    if verb in {"rollout", "set"} and rest:
        verb = f"{verb} {rest.pop(0)}"
    if verb not in _COMMANDS:
        raise CommandError(f'error: unknown command "{verb}" for "kubectl"')
    valued, flags, command = _COMMANDS[verb]
    try:
        parsed = parse(rest, _GLOBAL | valued, flags)
    except UnknownOption as error:
        raise CommandError(f"error: {error}\nSee 'kubectl {verb} --help' for usage.") from error
    if parsed.rest is not None and verb != "exec":
        parsed.words += parsed.rest
    try:
        done = command(_Call(verb, parsed, store, pods, stdin))
    except SchemaError as error:
        raise CommandError(f"Error from server (BadRequest): {error}") from error
    return done if isinstance(done, tuple) else (0, done)


def _set_texts(field: str) -> Callable[[_Call], str]:
    """`kubectl label` and `kubectl annotate`: KEY=VALUE sets, KEY- takes away."""

    def command(call: _Call) -> str:
        changes = [w for w in call.words[1:] if "=" in w or w.endswith("-")]
        named = [w for w in call.words if w not in changes]
        if not changes:
            raise CommandError(f"error: at least one {field[:-1]} update is required")
        call.words = named
        kind, found, _ = call.targets()
        if kind == "Pod":
            raise CommandError("error: this stand-in keeps no pods")
        for document in found:
            texts = document["metadata"].setdefault(field, {})
            for change in changes:
                key, equals, value = change.partition("=")
                problem = label_problem(
                    key.removesuffix("-") if not equals else key, value if field == "labels" else ""
                )
                if problem:
                    raise CommandError(f"error: {problem}")
                if not equals:
                    texts.pop(key.removesuffix("-"), None)
                elif texts.get(key, value) != value and not call.parsed.flag("overwrite"):
                    raise CommandError(
                        f"error: '{key}' already has a value ({texts[key]}), and --overwrite is false"
                        if field == "labels"
                        else f"error: --overwrite is false but found the following declared annotation(s): '{key}'"
                    )
                else:
                    texts[key] = value
        for document in found:
            call.store.put(document)
        verb = {"labels": "labeled", "annotations": "annotated"}[field]
        return "".join(f"{lower(kind, d['metadata']['name'])} {verb}\n" for d in found)

    return command


def _patch(call: _Call) -> str:
    kind, found, rest = call.targets(behind=1)
    if rest or "patch" not in call.options:
        raise CommandError("error: must specify --patch or --patch-file containing the contents of the patch")
    how = call.options.get("type", "strategic")
    if how not in {"strategic", "merge"}:
        raise CommandError(f"error: --type must be one of [json merge strategic], not {how!r}")
    if how == "strategic" and kind in _CALICO:
        raise CommandError(
            "error: application/strategic-merge-patch+json is not supported by "
            f"{V3}, Kind={kind}: the body of the request was in an unknown format"
        )
    try:
        change = yaml.safe_load(call.options["patch"])
    except yaml.YAMLError as error:
        raise CommandError(f"error: unable to parse {call.options['patch']!r}: {error}") from error
    if not isinstance(change, dict):
        raise CommandError(f"error: unable to parse {call.options['patch']!r}: not an object")
    unknown = set(change) - {"apiVersion", "kind", "metadata", "spec", "data", "stringData", "status"}
    if unknown:
        raise CommandError(f'Error from server (BadRequest): strict decoding error: unknown field "{min(unknown)}"')
    document = merged(found[0], change)
    if kind in _CALICO:
        check(document)
    call.store.put(document)
    return f"{lower(kind, document['metadata']['name'])} patched\n"


def _delete(call: _Call) -> str:
    kind, found, _ = call.targets()
    for document in found:
        if kind == "Pod":
            call.pods.restart(document["spec"]["nodeName"])
        else:
            call.store.delete(kind, document["metadata"]["name"])
    if not found:
        return "No resources found\n"
    return "".join(f'{lower(kind, "").rstrip("/")} "{d["metadata"]["name"]}" deleted\n' for d in found)


def _get(call: _Call) -> str:
    kind, found, _ = call.targets()
    one = len(call.words) == 2 or (len(call.words) == 1 and "/" in call.words[0])
    return printed(found, call.options.get("output"), one=one, kind=kind)


def _apply(call: _Call) -> str:
    if call.options.get("filename") != "-" or call.words:
        raise CommandError(
            "error: must specify one of -f and -k" if "filename" not in call.options else "error: no such file"
        )
    try:
        documents = [d for d in yaml.safe_load_all(call.stdin) if d is not None]
    except yaml.YAMLError as error:
        raise CommandError(f"error: error parsing STDIN: {error}") from error
    if not documents:
        raise CommandError("error: no objects passed to apply")
    told = ""
    for document in documents:
        kind = document.get("kind") if isinstance(document, dict) else None
        if kind not in _CALICO | {"Secret"} or document.get("apiVersion") != ("v1" if kind == "Secret" else V3):
            raise CommandError(f"error: resource mapping not found for: no matches for kind {kind!r}")
        if kind in _CALICO:
            check(document)
        there = call.store.get(kind, document["metadata"]["name"])
        if there is not None and call.verb == "create":
            raise CommandError(f"Error from server (AlreadyExists): {kind} already exists")
        call.store.put(merged(there or {}, document))
        told += f"{lower(kind, document['metadata']['name'])} {'configured' if there else 'created'}\n"
    return told


def _one_pod(call: _Call) -> str:
    """The node of the pod that the first word names."""
    if not call.words:
        raise CommandError("error: pod, type/name or --filename must be specified")
    if call.options.get("container", AGENT) != AGENT:
        raise CommandError(f"error: container {call.options['container']} is not valid for pod {call.words[0]}")
    name = call.words[0].removeprefix("pod/").removeprefix("pods/")
    found = [
        p for p in selected(objects(call.store, call.pods, "Pod"), {}, call.namespace) if p["metadata"]["name"] == name
    ]
    if not found:
        raise CommandError(f'Error from server (NotFound): pods "{name}" not found')
    return str(found[0]["spec"]["nodeName"])


def _exec(call: _Call) -> tuple[int, str]:
    node, command = _one_pod(call), call.parsed.rest
    if not command or len(call.words) > 1:
        raise CommandError("error: you must specify at least one command for the container")
    return call.pods.execute(node, command)


def _logs(call: _Call) -> str:
    return call.pods.logs(_one_pod(call))


def _restart(call: _Call) -> str:
    kind, found, _ = call.targets()
    if kind != "DaemonSet":
        raise CommandError(f"error: {kind.lower()}s restarting is not supported")
    for node in call.pods.pod_names():
        call.pods.restart(node)
    return "".join(f"{lower(kind, d['metadata']['name'])} restarted\n" for d in found)


def _status(call: _Call) -> str:
    _, found, _ = call.targets()
    return f'daemon set "{found[0]["metadata"]["name"]}" successfully rolled out\n'


def _set_env(call: _Call) -> str:
    changes = [w for w in call.words if "=" in w or w.endswith("-")]
    call.words = [w for w in call.words if w not in changes]
    kind, found, _ = call.targets()
    if kind != "DaemonSet" or not changes:
        raise CommandError("error: at least one environment variable must be provided")
    container = found[0]["spec"]["template"]["spec"]["containers"][0]
    env = {entry["name"]: entry for entry in container["env"]}
    for change in changes:
        key, equals, value = change.partition("=")
        env.pop(key.removesuffix("-") if not equals else key, None)
        if equals:
            env[key] = {"name": key, "value": value}
    container["env"] = list(env.values())
    call.store.put(found[0])
    for node in call.pods.pod_names():  # the DaemonSet's template has changed: every pod is made anew
        call.pods.restart(node)
    return f"{lower(kind, AGENT)} env updated\n"


_FILE = {"filename": "f"}
_CHOOSE = {"selector": "l", "field-selector": ""}
_Command = Callable[[_Call], str | tuple[int, str]]
_COMMANDS: dict[str, tuple[dict[str, str], dict[str, str], _Command]] = {
    "label": (_CHOOSE, _ALL | {"overwrite": "", "all": ""}, _set_texts("labels")),
    "annotate": (_CHOOSE, _ALL | {"overwrite": "", "all": ""}, _set_texts("annotations")),
    "patch": ({"patch": "p", "type": ""}, {}, _patch),
    "delete": (
        _CHOOSE | {"grace-period": ""},
        _ALL | {"all": "", "ignore-not-found": "", "wait": "", "now": ""},
        _delete,
    ),
    "get": (_CHOOSE | {"output": "o"}, _ALL | {"no-headers": "", "show-labels": ""}, _get),
    "apply": (_FILE, {}, _apply),
    "create": (_FILE, {}, _apply),
    "exec": ({"container": "c"}, {"stdin": "i", "tty": "t", "quiet": "q"}, _exec),
    "logs": ({"container": "c", "tail": "", "since": ""}, {"previous": "p", "timestamps": ""}, _logs),
    "rollout restart": ({"selector": "l"}, {}, _restart),
    "rollout status": ({"timeout": ""}, {"watch": "w"}, _status),
    "set env": ({"containers": "c"}, {}, _set_env),
}
