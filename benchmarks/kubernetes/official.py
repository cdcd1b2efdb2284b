"""The official Python client as one process: lists the pods and runs the command in each. Needs `kubernetes` alone.

python official.py KUBECONFIG COMMAND...: prints how many answers came to their end.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import local

from kubernetes import client, config
from kubernetes.stream import stream

AT_ONCE = 16
#: stream() changes its client in place: each thread needs one of its own.
_own = local()


def main(path: str, command: list[str]) -> None:
    settings = client.Configuration()
    config.load_kube_config(path, client_configuration=settings)
    api = client.CoreV1Api(client.ApiClient(settings))
    pods = api.list_pod_for_all_namespaces(label_selector="k8s-app=calico-node").items

    def ask(pod) -> bool:
        if not hasattr(_own, "api"):
            _own.api = client.CoreV1Api(client.ApiClient(settings))
        name, space = pod.metadata.name, pod.metadata.namespace
        call = _own.api.connect_get_namespaced_pod_exec
        options = {"container": "calico-node", "stderr": True, "stdin": False, "stdout": True, "tty": False}
        return stream(call, name, space, command=command, **options).rstrip().endswith(" end")

    with ThreadPoolExecutor(AT_ONCE) as threads:
        print(sum(threads.map(ask, pods)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
