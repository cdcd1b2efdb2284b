"""Every regular expression of the code, found by walking the syntax trees: where it stands, how it is used."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import calico_bgp

ROOT = Path(calico_bgp.__file__).parent
#: Of `re`: what takes a pattern. `escape` and the flags take none.
TAKES_PATTERN = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
METHODS = TAKES_PATTERN - {"compile"}


@dataclass(frozen=True)
class Regex:
    """One call of `re`.

    Attributes:
        key: `parse.hosts._WORD`, or `parse.hosts._Line._destinations` for one inside a function; with `#2`, `#3` for
            further ones there.
        module: The module's name.
        pattern: The expression that gives the pattern.
        flags: The expression that gives the flags, or None.
        methods: How it is used, `search` where nobody knows.
    """

    key: str
    module: str
    pattern: str
    flags: str | None
    methods: tuple[str, ...]

    def compiled(self, **names: Any) -> re.Pattern[str]:
        """The pattern itself. `names` are those of the function that makes it, where it makes it of such."""
        scope = vars(import_module(self.module)) | names
        flags = 0 if self.flags is None else eval(self.flags, scope)
        return re.compile(eval(self.pattern, scope), flags)


def all_regexes() -> list[Regex]:
    sources = {path: path.read_text(encoding="utf-8") for path in sorted(ROOT.rglob("*.py"))}
    everything = "\n".join(sources.values())
    return [regex for path, source in sources.items() for regex in _of_module(path, source, everything)]


def imports_of_re() -> dict[str, set[str]]:
    """Module -> what it takes out of `re`, other than the module itself by its own name."""
    found: dict[str, set[str]] = {}
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "re":
                found.setdefault(str(path), set()).update(alias.name for alias in node.names)
            elif isinstance(node, ast.Import):
                renamed = {alias.asname for alias in node.names if alias.name == "re" and alias.asname}
                if renamed or any(alias.name in ("regex", "sre_parse", "sre_compile") for alias in node.names):
                    found.setdefault(str(path), set()).add("renamed")
    return found


def _of_module(path: Path, source: str, everything: str) -> Iterator[Regex]:
    short = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    count: Counter[str] = Counter()
    for scope, name, call in _calls(ast.parse(source), (), ""):
        key = ".".join([short, *scope])
        count[key] += 1
        assert isinstance(call.func, ast.Attribute)
        used = (call.func.attr,)
        if call.func.attr == "compile":
            used = _methods(name, source if name.startswith("_") or scope != (name,) else everything)
        flags = [ast.unparse(node) for node in (*call.args[1:], *(word.value for word in call.keywords))]
        yield Regex(
            key=key if count[key] == 1 else f"{key}#{count[key]}",
            module=f"calico_bgp.{short}",
            pattern=ast.unparse(call.args[0]),
            flags=next((text for text in flags if text.startswith("re.")), None),
            methods=used,
        )


def _calls(node: ast.AST, scope: tuple[str, ...], name: str) -> Iterator[tuple[tuple[str, ...], str, ast.Call]]:
    """The calls of `re`, each with the functions around it and the name that it is given."""
    for child in ast.iter_child_nodes(node):
        inner, given = scope, name
        if isinstance(child, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            inner, given = (*scope, child.name), ""
        elif isinstance(child, ast.Assign | ast.AnnAssign):
            given = ast.unparse(child.targets[0] if isinstance(child, ast.Assign) else child.target)
            inner = (given,) if isinstance(node, ast.Module) else scope
        is_call = isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute)
        if is_call and ast.unparse(child.func.value) == "re" and child.func.attr in TAKES_PATTERN:
            yield inner, given, child
        yield from _calls(child, inner, given)


def _methods(name: str, source: str) -> tuple[str, ...]:
    """The methods that a text calls on a name."""
    used = set(re.findall(rf"\b{re.escape(name)}\.({'|'.join(sorted(METHODS))})\b", source))
    return tuple(sorted(used)) or ("search",)
