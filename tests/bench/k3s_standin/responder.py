"""Answers the API server's webhook calls, as no pod that could do it ever runs.

The API server connects to "the cluster" through this program (egress selector): HTTP CONNECT
on a unix socket, then TLS for the requested server name, then the call. Every admission is
allowed, every conversion only changes the version. Nothing leaves the machine.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import ssl
import sys
import time
from pathlib import Path
from typing import Any

from .pki import openssl

_EC_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


class Certificates:
    """Issues a server certificate for each name the API server asks for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._authority = folder / "authority.crt", folder / "authority.key"
        certificate, key = self._authority
        openssl(
            *("req", "-x509", "-new", *_EC_KEY, "-keyout", key, "-out", certificate),
            *("-days", "3650", "-subj", "/CN=bench-webhook-ca"),
            *("-addext", "basicConstraints=critical,CA:TRUE"),
        )

    def publish_authority(self) -> None:
        """Only now may the API server be started: it reads the file once."""
        partial = self._folder / "ca.crt.partial"
        partial.write_bytes(self._authority[0].read_bytes())
        partial.rename(self._folder / "ca.crt")

    def context(self, name: str) -> ssl.SSLContext:
        """The TLS context for one server name."""
        if name not in self._contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self._issue(name))
            self._contexts[name] = context
        return self._contexts[name]

    def _issue(self, name: str) -> tuple[Path, Path]:
        base = self._folder / name
        certificate, key = base.with_name(name + ".crt"), base.with_name(name + ".key")
        request, extensions = base.with_name(name + ".csr"), base.with_name(name + ".ext")
        extensions.write_text(f"subjectAltName=DNS:{name}\nextendedKeyUsage=serverAuth\n")
        openssl("req", "-new", *_EC_KEY, "-keyout", key, "-out", request, "-subj", "/CN=webhook")
        openssl(
            *("x509", "-req", "-in", request, "-out", certificate, "-days", "365"),
            *("-CA", self._authority[0], "-CAkey", self._authority[1], "-extfile", extensions),
            *("-set_serial", f"0x{secrets.token_hex(16)}"),
        )
        return certificate, key


class Responder:
    """Serves one connection after the other; keeps none of their state."""

    def __init__(self, certificates: Certificates) -> None:
        self._certificates = certificates

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """CONNECT, TLS, then calls until the other side has enough."""
        try:
            head = await _read_head(reader)
            _log(head.splitlines()[0])
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            await writer.start_tls(self._tls())
            while True:
                await self._answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError) as end:
            _log(f"connection ended: {type(end).__name__} {end}")
        finally:
            writer.close()

    def _tls(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

        def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
            connection.context = self._certificates.context(name or "unnamed")

        context.sni_callback = choose
        return context

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await _read_head(reader)
        review = json.loads(await reader.readexactly(_content_length(head)) or b"{}")
        _log_review(head, review)
        body = json.dumps(
            {
                "apiVersion": review.get("apiVersion"),
                "kind": review.get("kind"),
                "response": verdict(review),
            }
        ).encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            + f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        await writer.drain()


def verdict(review: dict[str, Any]) -> dict[str, Any]:
    """The response part of an AdmissionReview or a ConversionReview."""
    request = review.get("request") or {}
    if review.get("kind") != "ConversionReview":
        return {"uid": request.get("uid"), "allowed": True}
    version = request["desiredAPIVersion"]
    return {
        "uid": request["uid"],
        "convertedObjects": [{**item, "apiVersion": version} for item in request["objects"]],
        "result": {"status": "Success"},
    }


async def _read_head(reader: asyncio.StreamReader) -> str:
    return (await reader.readuntil(b"\r\n\r\n")).decode()


def _content_length(head: str) -> int:
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    return 0


def _log_review(head: str, review: dict[str, Any]) -> None:
    request = review.get("request") or {}
    kind = (request.get("kind") or {}).get("kind")
    where = f"{request.get('namespace')}/{request.get('name')}"
    _log(f"{head.splitlines()[0]} {review.get('kind')} {request.get('operation')} {kind} {where}")


def _log(message: str) -> None:
    print(f"{time.time():.3f} {message}", flush=True)


async def _main(socket: Path, folder: Path) -> None:
    certificates = Certificates(folder)
    certificates.context("unnamed")
    socket.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(Responder(certificates).serve, socket)
    certificates.publish_authority()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), Path(sys.argv[2])))
