"""Time-stamp authority on loopback: OpenSSL behind a small HTTP server, with a root and a certificate of its own."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fakes.wire import Server

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.wire import Exchange

_CONFIG = """\
[tsa]
default_tsa = own
[own]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[signing]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
"""


@dataclass
class Authority:
    """Authority with its files in a folder; `certificates` is the PEM file of its root."""

    folder: Path
    server: Server

    def __init__(self, folder: Path, name: str = "Root of the Lamps") -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "tsa.cnf").write_text(_CONFIG, encoding="ascii")
        (folder / "serial").write_text("01", encoding="ascii")
        new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "tsa.cnf")
        self._run("req", "-x509", *new_key, "-subj", f"/CN={name}", "-days", "30", "-extensions", "root",
                  "-keyout", "root.key", "-out", "root.pem")  # fmt: skip
        self._run("req", *new_key, "-subj", "/CN=Stamp of the Lamps", "-keyout", "tsa.key", "-out", "tsa.csr")
        self._run("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-set_serial", "2",
                  "-days", "30", "-extfile", "tsa.cnf", "-extensions", "signing", "-out", "tsa.pem")  # fmt: skip
        self.server = Server(routes={"/tsr": self._answer})

    @property
    def url(self) -> str:
        return self.server.url("/tsr")

    @property
    def certificates(self) -> Path:
        return self.folder / "root.pem"

    def stamp(self, query: bytes) -> bytes:
        """Return the response to a request."""
        (self.folder / "query.tsq").write_bytes(query)
        self._run("ts", "-reply", "-config", "tsa.cnf", "-section", "own", "-queryfile", "query.tsq",
                  "-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "reply.tsr")  # fmt: skip
        return (self.folder / "reply.tsr").read_bytes()

    def _answer(self, exchange: Exchange) -> None:
        exchange.reply(self.stamp(exchange.body), headers={"Content-Type": "application/timestamp-reply"})

    def _run(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)
