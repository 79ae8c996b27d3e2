#!/usr/bin/python3
"""Vectors for lib/keys and lib/wire, by a second implementation.

Written from the protocol's text alone: own CBOR encoder, own P-256 with RFC 6979
nonces; AEAD and key wrap from the `cryptography` package. Prints the file
vectors.txt beside this script:

    /usr/bin/python3 lib/wire/testdata/make_vectors.py > lib/wire/testdata/vectors.txt
"""
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.keywrap import aes_key_wrap


# ---- CBOR, deterministic -----------------------------------------------------
class Tag:
    def __init__(self, number, value):
        self.number, self.value = number, value


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if n < 1 << (8 * size):
            return bytes([major << 5 | info]) + n.to_bytes(size, "big")
    raise ValueError(n)


def cbor(v):
    if v is None:
        return b"\xf6"
    if isinstance(v, Tag):
        return head(6, v.number) + cbor(v.value)
    if isinstance(v, int):
        return head(0, v) if v >= 0 else head(1, -1 - v)
    if isinstance(v, bytes):
        return head(2, len(v)) + v
    if isinstance(v, str):
        return head(3, len(v.encode())) + v.encode()
    if isinstance(v, list):
        return head(4, len(v)) + b"".join(map(cbor, v))
    pairs = sorted((cbor(k), cbor(x)) for k, x in v.items())
    return head(5, len(pairs)) + b"".join(k + x for k, x in pairs)


# ---- P-256 --------------------------------------------------------------------
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    if a == b:
        s = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) % P
    else:
        s = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
    x = (s * s - a[0] - b[0]) % P
    return x, (s * (a[0] - x) - a[1]) % P


def mul(k, point=G):
    out = None
    while k:
        if k & 1:
            out = add(out, point)
        point, k = add(point, point), k >> 1
    return out


def b32(n):
    return n.to_bytes(32, "big")


def public(d):
    return b"".join(map(b32, mul(d)))


def ecdh(d, xy):
    return b32(mul(d, (int.from_bytes(xy[:32], "big"), int.from_bytes(xy[32:], "big")))[0])


def mac(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def sign(d, digest):
    z = int.from_bytes(digest, "big")
    h1 = b32(z % N)
    k, v = bytes(32), b"\x01" * 32
    for sep in (b"\x00", b"\x01"):
        k = mac(k, v, sep, b32(d), h1)
        v = mac(k, v)
    while True:
        v = mac(k, v)
        t = int.from_bytes(v, "big")
        if 0 < t < N:
            r = mul(t)[0] % N
            s = pow(t, -1, N) * (z + r * d) % N
            if r and s:
                return b32(r) + b32(s)
        k = mac(k, v, b"\x00")
        v = mac(k, v)


# ---- keys ----------------------------------------------------------------------
def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def expand(prk, info, size):
    out, t, i = b"", b"", 1
    while len(out) < size:
        t = mac(prk, t, info, bytes([i]))
        out, i = out + t, i + 1
    return out[:size]


def exp(k, label, ctx, size):
    return expand(k, cbor(["cai1", label, ctx, size]), size)


def scalar(k, label, ctx):
    drawn = exp(k, label, ctx, 64)
    for half in (drawn[:32], drawn[32:]):
        if int.from_bytes(half, "big") < N - 1:
            return int.from_bytes(half, "big") + 1
    raise ValueError


# ---- COSE ----------------------------------------------------------------------
def cose_key(xy):
    return {1: 2, -1: 1, -2: xy[:32], -3: xy[32:]}


def sig_hash(protected, payload):
    return sha(cbor(["Signature1", protected, b"", payload]))


def sign1(protected, payload, d):
    p = cbor(protected)
    return cbor(Tag(18, [p, {}, payload, sign(d, sig_hash(p, payload))]))


def kid8(xy):
    return sha(xy)[:8]


def pad(plain):
    """Zeros up to the multiple of 64 that holds any plain of this kind and these counts."""
    if plain[0] == 1:
        worst = 14 + len(head(4, len(plain[3]))) + 5 * len(plain[3]) + len(head(2, len(plain[4]))) + len(plain[4])
    else:
        worst = {2: 19, 3: 9, 4: 73}[plain[0]]
    return cbor(plain).ljust(-(-worst // 64) * 64, b"\0")


def show(name, value):
    print(f"{name} = {value if isinstance(value, str) else value.hex()}")


def package(ueid, kek):
    owner, eph = (int.from_bytes(sha(t), "big") % N for t in (b"owner", b"grant"))
    cek, model = sha(b"cek")[:16], bytes(i % 253 for i in range(300))
    kid, body_protected = kid8(public(owner)), cbor({1: 1})
    text = AESGCM(cek).encrypt(bytes(12), model, cbor(["Encrypt0", body_protected, b""]))
    body = cbor(Tag(16, [body_protected, {5: bytes(12)}, text]))
    header = {1: -7, 2: [-65610], 3: 65010, 4: kid,
              -65610: ["sine", "2.0.0", 3, sha(model), "an521", len(model)]}
    manifest = sign1(header, sha(body), owner)
    context = cbor([-3, [kid, None, None], [ueid, None, None], [128, cbor({1: -29}), sha(cbor(header))]])
    wrap = expand(mac(b"", ecdh(eph, public(kek))), context, 16)
    show("owner", b32(owner))
    show("owner public", public(owner))
    show("grant ephemeral", b32(eph))
    show("cek", cek)
    show("model_bytes", model)
    show("package", cbor([cose_key(public(owner)), manifest, body]))
    show("package id", sha(cbor(header)))
    show("grant", cbor([cbor({1: -29}), {4: kid8(public(kek)), -1: cose_key(public(eph))}, aes_key_wrap(wrap, cek)]))


def main():
    print("# Made by make_vectors.py; do not edit.")
    huk = bytes(range(32))
    show("huk", huk)
    prk = mac(b"cai1", huk)
    root_key = expand(prk, cbor(["cai1", "spe-root", 3, 1]), 32)
    show("spe_root", root_key)
    show("spe_root_debug", expand(prk, cbor(["cai1", "spe-root", 4, 1]), 32))
    show("spe_root_gen2", expand(prk, cbor(["cai1", "spe-root", 3, 2]), 32))
    uuid = bytearray(expand(prk, cbor(["cai1", "uuid"]), 16))
    uuid[6] = uuid[6] & 0x0F | 0x80
    uuid[8] = uuid[8] & 0x3F | 0x80
    uuid = bytes(uuid)
    ueid = b"\x01" + expand(prk, cbor(["cai1", "ueid"]), 32)
    show("uuid", uuid)
    h = uuid.hex()
    show("uuid_text", "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:])))
    show("ueid", ueid)
    for label in ("tls-client", "cose-sign", "iak", "model-kek"):
        d = scalar(root_key, label, 1)
        show(f"scalar {label}", b32(d))
        show(f"public {label}", public(d))
    for label in ("storage", "seal-hedge", "drbg"):
        show(f"key {label}", exp(root_key, label, 1, 32))
    cose_sign = scalar(root_key, "cose-sign", 1)
    iak = scalar(root_key, "iak", 1)
    hedge = exp(root_key, "seal-hedge", 1, 32)

    # The service.
    root, enc, sgn = (int.from_bytes(sha(t), "big") % N for t in (b"root", b"enc", b"sign"))
    svc = b"svc-0001"
    for name, d in (("root", root), ("enc", enc), ("sign", sgn)):
        show(f"service {name}", b32(d))
        show(f"service {name} public", public(d))
    show("svc", svc)
    svc_key = sign1({1: -7, 3: 65004, 4: kid8(public(root))},
                    cbor({1: svc, 2: 7, 3: 5, 4: cose_key(public(enc)), 5: cose_key(public(sgn)), 6: [24, 1]}), root)
    show("svc_key", svc_key)

    # Downlink and hello.
    nonce = sha(b"nonce")
    show("nonce", nonce)
    show("hello", cbor([3, svc]))
    show("need", cbor([1, 1]))
    show("challenge", cbor([2, nonce, svc]))
    model = sha(b"model")
    show("model", model)
    show("command", sign1({1: -7, 3: 65005, 4: svc}, cbor([svc, uuid, 300, 2, 2, model]), sgn))
    show("command_new_session", sign1({1: -7, 3: 65005, 4: svc}, cbor([svc, uuid, 300, 3, 1, None]), sgn))

    # Configuration.
    ca, boot_cert = bytes(i % 251 for i in range(430)), bytes(i % 241 for i in range(390))
    conf = {1: "bootstrap.cai.local", 2: bytes([10, 0, 2, 2]), 3: 8443, 4: "broker.cai.local",
            5: bytes([10, 0, 2, 2]), 6: 8883, 7: ca, 8: svc, 9: 500, 10: boot_cert, 11: sha(b"bootstrap"),
            12: uuid, 13: 1_800_000_000, 14: public(root)}
    show("configuration", sign1({1: -7, 3: 65020, 4: kid8(public(root))}, cbor(conf), root))
    conf.pop(11)
    show("configuration_public", cbor(conf))

    package(ueid, scalar(root_key, "model-kek", 1))

    # Session: a stand-in for the token, which is opaque here.
    token = sign1({1: -7, 3: 65003}, cbor({10: nonce, 256: ueid, 261: 12}), iak)
    p = cbor({1: -7, 3: 65003})
    token_id = sig_hash(p, cbor({10: nonce, 256: ueid, 261: 12}))
    show("token", token)
    show("token_id", token_id)
    draw = sha(b"draw")
    show("draw", draw)
    for suite in (24, 1):
        sc, first = 300 << 8 | 2, 4096
        header = cbor({1: -7, 2: [-65601], 3: 65001, 4: uuid, -65601: [1, suite, svc, 7, sc, first, token_id]})
        hid = sha(header)
        prk = mac(hid, draw, hedge)
        eph = scalar(prk, "eph", hid)
        cek, iv, ss = exp(prk, "cek", hid, 16), exp(prk, "iv", hid, 12), exp(prk, "ss", hid, 32)
        kid = kid8(public(enc))
        context = cbor([-3, [ueid, None, None], [svc + kid, None, None], [128, cbor({1: -29}), hid]])
        shared = ecdh(eph, public(enc))
        kek = expand(mac(b"", shared), context, 16)
        body = cbor({1: 1})
        text = AESGCM(cek).encrypt(iv, cbor([ss, token]), cbor(["Encrypt", body, b""]))
        payload = cbor([body, {5: iv}, text,
                        [[cbor({1: -29}), {4: kid, -1: cose_key(public(eph))}, aes_key_wrap(kek, cek)]]])
        message = cbor(Tag(18, [header, {}, payload, sign(cose_sign, sig_hash(header, payload))]))
        show(f"session {suite} header", header)
        show(f"session {suite} id", hid)
        show(f"session {suite} shared", shared)
        show(f"session {suite} kek", kek)
        show(f"session {suite} message", message)
        chain = mac(hid, ss)
        show(f"session {suite} chain", chain)
        size, aead = (32, ChaCha20Poly1305) if suite == 24 else (16, AESGCM)
        plains = {0: [1, 1, 12345, [21500, -300], bytes([5, 250])],
                  1: [1, 2, 12845, [], bytes(range(64))],
                  255: [2, 13000, 3, 77],
                  256: [1, 1, 99999, [-2147483648, 2147483647], b"\x7f"],
                  1023: [4, 1000, bytes(range(64))],
                  70000: [3, 70000, 4]}
        chains, at = [chain], 0
        for seq, plain in plains.items():
            e = seq >> 8
            while len(chains) <= e:
                chains.append(exp(chains[-1], "next", len(chains) - 1, 32))
            key, iv_e = exp(chains[e], "key", e, size), exp(chains[e], "iv", e, 12)
            piv = seq.to_bytes(max(1, (seq.bit_length() + 7) // 8), "big")
            nonce_e = bytes(a ^ b for a, b in zip(iv_e, piv.rjust(12, b"\0")))
            protected = cbor({1: suite, 4: (sc & 0xFFFF).to_bytes(2, "big"), 6: piv})
            sealed = aead(key).encrypt(nonce_e, pad(plain), cbor(["Encrypt0", protected, b""]))
            show(f"plain {seq}", pad(plain)) if suite == 24 else None
            show(f"key {suite} {seq}", key)
            show(f"nonce {suite} {seq}", nonce_e)
            show(f"sealed {suite} {seq}", cbor(Tag(16, [protected, {}, sealed])))


if __name__ == "__main__":
    main()
