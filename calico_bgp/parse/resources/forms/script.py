"""Shell scripts and copied terminals, with resources in heredocs: where they are, and how to get them out."""

from __future__ import annotations

import re

from calico_bgp.parse.resources.forms.form import Form, Found, beginning, file_of
from calico_bgp.parse.resources.raw import Text

_HEREDOC = re.compile(r"<<-?\s*['\"\\]?(?P<end>[A-Za-z_]\w{0,40})['\"]?")
_SHEBANG = re.compile(r"#!\s*/\S*(?:sh|env)\b")
_COMMAND = re.compile(
    r"(?:[^\s$#]{0,80}[$#] )?\s*+(?:sudo )?(?:kubectl|calicoctl|cat|tee|oc|export|set -\w+|curl|helm)\b(?!:)"
)


def _script(text: Text) -> Found | None:
    lines = beginning(text)
    heredoc = next(((number, match) for number, line in lines if (match := _HEREDOC.search(line)) is not None), None)
    command = next((number for number, line in lines if _COMMAND.match(line)), None)
    if heredoc is not None and (command is not None or _SHEBANG.match(lines[0][1])):
        end = heredoc[1]["end"]
        extraction = f"awk '/<<.*{end}/ {{on=1; print \"---\"; next}} /^[ \\t]*{end}$/ {{on=0}} on' {file_of(text)}"
        return Found("a shell script with resources in heredocs", f"{extraction} | calico-bgp lint -", heredoc[0])
    if lines and _SHEBANG.match(lines[0][1]):
        return Found("a shell script", "the resources themselves: kubectl get bgppeers -o yaml | calico-bgp lint -", 1)
    if command is not None and command == lines[0][0]:
        return Found(
            "a copy of a terminal, with a shell command on this line", "what the command printed, without it", command
        )
    return None


FORMS = (Form("shell scripts", _script),)
