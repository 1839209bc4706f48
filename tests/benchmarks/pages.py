"""How long each page takes over a store, asked one at a time.

    python -m tests.benchmarks.pages STORE [TIMES]

Starts a server in this process, asks each page a few times (15), other determinations each time, and
prints the median, the greatest and the first in milliseconds, with the bytes of the page.
"""

from __future__ import annotations

import re
import statistics
import sys
import time

from tests.web.pages import running

PAGES = (
    "/",
    "/cases",
    "/cases?page=150",
    "/cases?outcome=Upheld&topic=chronic-pain-2009/trigger-points&q=injection",
    "/cases?region=SpinalRegion",
    "/new",
    "/guidelines",
    "/guidelines?q=injection",
    "/guidelines/chronic-pain-2009/trigger-points",
    "/guidelines/postsurgical-2009/postsurgical-therapy",
    "/queries",
    "/queries/what-a-guideline-says",
    "/query",
    "/what-if",
)


def main(store: str, times: int) -> None:
    """Ask, and print."""
    with running(store=store) as web:
        began = time.perf_counter()
        listed = web.get("/cases").text
        print(f"first list after the start: {(time.perf_counter() - began) * 1000:.0f} ms")
        web.site.knowledge.topics  # noqa: B018
        web.get("/guidelines")
        names = re.findall(r"/determinations/[0-9a-f]{64}", listed)
        for page in (2, 3):
            names += re.findall(
                r"/determinations/[0-9a-f]{64}", web.get(f"/cases?page={page}").text
            )
        web.get(names.pop())  # starts what decides
        print(f"{'page':72} {'median':>7} {'most':>7} {'first':>7} {'bytes':>8}")
        row("one determination, each for the first time, just started", web, names[:times])
        row("one determination, again", web, [names[0]] * times)
        for page in PAGES:
            row(page, web, [page] * times)
        row("one determination, each for the first time, later", web, names[times : 2 * times])


def row(name, web, addresses) -> None:
    """Ask some pages, and print how long they took."""
    took, size = [], 0
    for address in addresses:
        began = time.perf_counter()
        answer = web.get(address)
        took.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, (address, answer.status_code)
        size = len(answer.content)
    print(f"{name:72} {statistics.median(took):7.0f} {max(took):7.0f} {took[0]:7.0f} {size:8}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 15)
