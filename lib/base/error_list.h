// Included several times with CAI_ERROR(name, a, b, number, words) defined.
// Append within a module, never renumber: values reach crash records and
// dashboards.

// clang-format off
CAI_ERROR(CborTruncated,        'C', 'B', 1, "the CBOR ends too early")
CAI_ERROR(CborNotShortest,      'C', 'B', 2, "a CBOR head is not in its shortest form")
CAI_ERROR(CborNoRoom,           'C', 'B', 3, "the output buffer is too small")
CAI_ERROR(CborWrongType,        'C', 'B', 4, "a CBOR item has another type than expected")
CAI_ERROR(CborTrailing,         'C', 'B', 5, "bytes follow the CBOR item")
CAI_ERROR(CborDuplicateKey,     'C', 'B', 6, "a CBOR map has a key twice")
CAI_ERROR(CborKeyOrder,         'C', 'B', 7, "CBOR map keys are not in deterministic order")
CAI_ERROR(CborTooDeep,          'C', 'B', 8, "the CBOR is nested too deeply")
CAI_ERROR(CborMalformed,        'C', 'B', 9, "the CBOR is not well-formed")
CAI_ERROR(CborBadUtf8,          'C', 'B', 10, "a CBOR text is not UTF-8")
CAI_ERROR(CborIndefinite,       'C', 'B', 11, "a CBOR item has indefinite length")
CAI_ERROR(CborOutOfRange,       'C', 'B', 12, "a CBOR number is out of range")

CAI_ERROR(CryptoBadKey,         'C', 'R', 1, "the key is not usable")
CAI_ERROR(CryptoBadSignature,   'C', 'R', 2, "the signature does not verify")
CAI_ERROR(CryptoBadTag,         'C', 'R', 3, "the ciphertext is not authentic")
CAI_ERROR(CryptoBadPoint,       'C', 'R', 4, "the point is not on the curve")
CAI_ERROR(CryptoFailed,         'C', 'R', 5, "the crypto library failed")
CAI_ERROR(CryptoNoRoom,         'C', 'R', 6, "the crypto output does not fit")
CAI_ERROR(CryptoUnsupported,    'C', 'R', 7, "the algorithm is not built in")

CAI_ERROR(IpcBadRequest,        'I', 'P', 1, "the request is malformed")
CAI_ERROR(IpcNotPermitted,      'I', 'P', 2, "the caller has no authority")
CAI_ERROR(IpcNoRoom,            'I', 'P', 3, "the caller's buffer is too small")
CAI_ERROR(IpcFailed,            'I', 'P', 4, "the called partition failed")

CAI_ERROR(FlashRange,           'F', 'L', 1, "outside of the flash region")
CAI_ERROR(FlashAlignment,       'F', 'L', 2, "flash address or size is misaligned")
CAI_ERROR(FlashNotErased,       'F', 'L', 3, "programming a flash unit twice")
CAI_ERROR(FlashPowerLost,       'F', 'L', 4, "the power was cut")
CAI_ERROR(CounterExhausted,     'F', 'L', 5, "no room left for this counter")
CAI_ERROR(CounterBackwards,     'F', 'L', 6, "a counter cannot go back")
// clang-format on
