"""The SPARQL endpoint.

Source: W3C SPARQL 1.1 Protocol.
"""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["SPARQL"])
