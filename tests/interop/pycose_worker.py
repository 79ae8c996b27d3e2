"""pycose behind one JSON object a line, as cose_driver.cc is for our library:
the same questions, the same answers. Runs within the venv of conftest.py."""

import json
import sys

import cbor2
from pycose import algorithms, headers
from pycose.keys import CoseKey, SymmetricKey
from pycose.keys.keyops import MacCreateOp
from pycose.messages import macmessage
from pycose.messages import (CoseMessage, Enc0Message, EncMessage, Mac0Message, MacMessage,
                             Sign1Message, SignMessage)
from pycose.messages.recipient import (DirectEncryption, DirectKeyAgreement,
                                       KeyAgreementWithKeyWrap, KeyWrap)
from pycose.messages.signer import CoseSignature

# pycose 1.1.0 forgot these imports where a Mac's key is wrapped.
macmessage.SymmetricKey = lambda k, **_: SymmetricKey(k=k)
macmessage.MacCreateOp = MacCreateOp

SIGN1, SIGN, MAC0, MAC, ENC0, ENC = 18, 98, 17, 97, 16, 96
BY_NUMBER = {cls.identifier: cls for cls in vars(algorithms).values()
             if isinstance(cls, type) and isinstance(getattr(cls, "identifier", None), int)}


def key_of(text):
    return CoseKey.from_dict(cbor2.loads(bytes.fromhex(text)))


def blob(ask, name):
    return bytes.fromhex(ask[name]) if name in ask else b""


def recipient_class(number):
    if number == -6:
        return DirectEncryption
    if number in (-3, -4, -5, -40, -41, -42):
        return KeyWrap
    return DirectKeyAgreement if number >= -28 else KeyAgreementWithKeyWrap


def open_message(ask):
    message = CoseMessage.decode(bytes.fromhex(ask["message"]))
    message.external_aad = blob(ask, "external")
    key = key_of(ask["key"])
    if ask["type"] == SIGN1:
        message.key = key
        return message.payload if message.verify_signature() else None
    if ask["type"] == SIGN:
        message.signers[0].key = key
        message.signers[0].external_aad = blob(ask, "external")
        return message.payload if message.signers[0].verify_signature() else None
    target = message
    if "recipient" in ask:
        target = message.recipients[0]
        if "sender" in ask:
            target.uhdr_update({headers.StaticKey: key_of(ask["sender"])})
        target.key = key
        if ask["recipient"] == -6:
            message.key = key
    else:
        message.key = key
    if ask["type"] in (MAC0, MAC):
        if "recipient" in ask and ask["recipient"] != -6:  # it does not look there by itself
            message.key = SymmetricKey(k=target.compute_cek(BY_NUMBER[ask["algorithm"]],
                                                            "decrypt").k)
        return message.payload if message.verify_tag() else None
    return message.decrypt(message.recipients[0]) if ask["type"] == ENC else message.decrypt()


def make_recipient(ask, key):
    number = ask["recipient"]
    algorithm = BY_NUMBER[number]
    unprotected = {headers.KID: blob(ask, "kid")} if "kid" in ask else {}
    if number in (-3, -4, -5, -6, -40, -41, -42):
        unprotected[headers.Algorithm] = algorithm
        return recipient_class(number)(uhdr=unprotected, key=key,
                                       payload=blob(ask, "content_key"))
    recipient = recipient_class(number)(phdr={headers.Algorithm: algorithm}, uhdr=unprotected,
                                        payload=blob(ask, "content_key"))
    recipient.local_attrs = {headers.StaticKey: key}
    if "nonce" in ask:
        recipient.uhdr_update({headers.PartyUNonce: blob(ask, "nonce")})
    if "sender" in ask:
        recipient.key = key_of(ask["sender"])
    else:
        recipient._setup_ephemeral_key(key)  # a direct one would not, by itself
    return recipient


def make_message(ask):
    algorithm, key = BY_NUMBER[ask["algorithm"]], key_of(ask["key"])
    protected = {headers.Algorithm: algorithm}
    unprotected = {}
    if "iv" in ask:
        unprotected[headers.IV] = blob(ask, "iv")
    if "kid" in ask and "recipient" not in ask:
        unprotected[headers.KID] = blob(ask, "kid")
    common = dict(payload=blob(ask, "payload"), external_aad=blob(ask, "external"))
    if ask["type"] == SIGN:
        signer = CoseSignature(phdr=protected, uhdr=unprotected, key=key,
                               external_aad=blob(ask, "external"))
        return SignMessage(payload=blob(ask, "payload"), signers=[signer]).encode()
    kind = {SIGN1: Sign1Message, MAC0: Mac0Message, ENC0: Enc0Message,
            MAC: MacMessage, ENC: EncMessage}[ask["type"]]
    if "recipient" in ask:
        recipient = make_recipient(ask, key)
        message = kind(phdr=protected, uhdr=unprotected, recipients=[recipient], **common)
        if ask["recipient"] == -6:
            message.key = key
        return message.encode()
    return kind(phdr=protected, uhdr=unprotected, key=key, **common).encode()


def answer(ask):
    try:
        if ask["op"] == "make":
            return {"message": make_message(ask).hex()}
        payload = open_message(ask)
        return {"error": "refused"} if payload is None else {"payload": payload.hex()}
    except Exception as why:  # whatever it is, the test must see it
        return {"error": f"{type(why).__name__}: {why}"}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
