"""Templates: Helm's, Jinja's, Terraform's, and files for envsubst; which of them, and what renders it."""

from __future__ import annotations

import re

from calico_bgp.parse.resources.forms.form import Form, Found, file_of, first_line
from calico_bgp.parse.resources.raw import Text

# Go's actions begin with a dot, a variable or one of its words; Jinja's with a name.
_JINJA = re.compile(
    r"\{%|\{#|\{\{-?+ *+(?!\.|\$|/\*|\(|(?:include|template|range|if|with|end|else|toYaml|define|block|tpl|default|"
    r"quote|required|printf|lookup|not|and|or|eq|int|b64enc)\b)"
)
_GO = re.compile(r"\{\{")
_TERRAFORM = re.compile(
    r"\$\{ *(?:var|local|each|module|data|count|jsonencode|yamlencode|join|lookup|element|cidrhost)\b[.(]"
    r"|%\{ *(?:if|for)\b"
)
_HCL = re.compile(
    r"^(?:resource|data|module|variable|locals|provider|terraform)\b(?: \"[^\"\n]*\"){0,2} \{", re.MULTILINE
)
_YTT = re.compile(r"^ *#@(?: |data/|overlay/|ytt:|yaml/)", re.MULTILINE)
_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*(?:[:=?+-][^}\n]{0,200})?\}")
# Without braces only in the place of a value: `$` stands in many texts.
_BARE_VARIABLE = re.compile(r"^[ -]*+\w[\w.-]*+: ++[\"']?\$[A-Za-z_]\w*[\"']? *$", re.MULTILINE)
#: Without one of these a text is no template.
MARKS = re.compile(r"\{\{|\{%|\$[{A-Za-z_]")
#: What a value that has not been rendered holds.
UNRENDERED = re.compile(r"\{\{|\{%|\$\{[A-Za-z_]|^\$[A-Za-z_]\w*$")


def _terraform(text: Text) -> Found | None:
    if (line := first_line(text, _HCL)) is not None:
        rendering = "kubectl get bgppeers,bgpconfigurations,ippools -o yaml | calico-bgp lint -"
        return Found("Terraform's own language", f"what it has made: {rendering}", line)
    if (line := first_line(text, _TERRAFORM)) is not None:
        rendering = f"terraform console <<< 'templatefile(\"{file_of(text)}\", {{...}})'"
        return Found("a Terraform template", f"what it renders to: {rendering}", line)
    return None


def _go_or_jinja(text: Text) -> Found | None:
    line = first_line(text, _GO) or first_line(text, _JINJA)
    if line is None:
        return None
    if _JINJA.search(text.text):
        rendering = f"ansible localhost -m template -a 'src={file_of(text)} dest=rendered.yaml' -e @VARS.yml"
        return Found("a Jinja template (Ansible)", f"what it renders to: {rendering}", line)
    return Found("a Helm template", "what it renders to: helm template CHART | calico-bgp lint -", line)


def _ytt(text: Text) -> Found | None:
    line = first_line(text, _YTT)
    return None if line is None else Found("a ytt template", f"ytt -f {file_of(text)} | calico-bgp lint -", line)


def _variables(text: Text) -> Found | None:
    line = first_line(text, _VARIABLE) or first_line(text, _BARE_VARIABLE)
    if line is None:
        return None
    rendering = f"envsubst < {file_of(text)} | calico-bgp lint -"
    return Found("a template with variables in it (envsubst, Flux)", f"what it renders to: {rendering}", line)


FORMS = (
    Form("Terraform", _terraform),
    Form("Helm and Jinja", _go_or_jinja),
    Form("ytt", _ytt),
    Form("envsubst", _variables),
)
