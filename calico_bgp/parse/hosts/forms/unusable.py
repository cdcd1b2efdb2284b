"""Texts that hold no hosts but are given for an inventory by mistake: what they are, and what to do with them."""

from __future__ import annotations

import re

from calico_bgp.parse.hosts.forms.form import Form

_TABLE = re.compile(r"\|\s*PEER ADDRESS\s*\||IPv[46] BGP status|Calico process is (?:not )?running", re.IGNORECASE)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_HCL = re.compile(r"[a-z_][a-z0-9_-]* = (?:\[|\{|\"[^\"]*\"|tolist\(\[|tomap\(\{)")
_TEMPLATE = re.compile(r"\{\{.{0,500}?\}\}|\{%.{0,500}?%\}|\$\{[A-Za-z_.]+\}")
_HTML = re.compile(r"<(?:!doctype html|html|head|body|table)\b", re.IGNORECASE)
_REFUSED = re.compile(
    r"(?:error|Error from server)\b.*|.*\bUnable to connect to the server\b.*|No resources found.*|"
    r"The connection to the server .* was refused.*",
    re.DOTALL,
)

HTML = Form("a web page", lambda f: _HTML.match(f.first) is not None, instead="the text itself: the page's Raw view")
PRIVATE_KEY = Form(
    "a private key", lambda f: _PRIVATE_KEY.match(f.first) is not None, instead="the key with --identity, hosts here"
)
REFUSED = Form(
    "an error of kubectl, not its answer",
    lambda f: _REFUSED.fullmatch(f.first) is not None,
    instead="kubectl get nodes -o json, which must succeed first",
)
STATUS = Form(
    "what `calicoctl node status` printed",
    lambda f: any(_TABLE.search(line) for line in f.beginning),
    instead="calico-bgp audit --pasted FILE",
)
OUTPUTS = Form(
    "what `terraform output` prints for people",
    lambda f: _HCL.match(f.first) is not None,
    instead="terraform output -json | calico-bgp hosts - > hosts.txt",
)
TEMPLATE = Form(
    "a template",
    lambda f: any(_TEMPLATE.search(line) for line in f.beginning),
    instead="what it renders to; of Ansible: ansible-inventory -i FILE --list | calico-bgp hosts - > hosts.txt",
)
