// Identities are made here; tests/cli checks the bytes against a second
// implementation.
#include <gtest/gtest.h>

#include "host/flow/message.h"
#include "lib/crypto/random.h"
#include "tests/hex.h"

namespace cai::flow {
namespace {

using host::Blob;
using testing::Hex;

Identity Make(const std::string& name) {
  Secret<32> scalar;
  EXPECT_TRUE(crypto::Random(scalar.mutable_bytes()).ok());
  scalar.mutable_bytes()[0] = std::byte{1};
  const auto key = crypto::ImportScalar(scalar.bytes());
  return {name, *crypto::PublicKey(*key),
          std::make_unique<crypto::ScopedKey>(*key)};
}

struct Flow : ::testing::Test {
  Identity device = Make("O=Linaro, CN=Flow test device");
  Identity service = Make("O=Linaro, CN=Flow test cloud");
  NewSession session = *MakeSession(device, service);
  const std::string text = "Sample payload\n";
};

#define EXPECT_REFUSED(expression, reason)         \
  do {                                             \
    const auto refused = (expression);             \
    ASSERT_FALSE(refused.ok());                    \
    EXPECT_EQ(ErrorName(refused.error()), reason); \
  } while (false)

TEST_F(Flow, Session_HasTheSizeAndHeadersOfTheTool) {
  // Kids of 29 and 28 bytes: 366, as the tool's certificates give.
  EXPECT_EQ(session.message.size(), 366u);
  const auto parsed = ParseSigned(session.message);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(Hex(Bytes(session.message).first(6)), "d2845841a301");
  EXPECT_EQ(AsText(parsed->key_id), device.name);
  const auto encrypted = ParseEncrypted(parsed->payload);
  ASSERT_TRUE(encrypted.ok());
  EXPECT_EQ(Hex(encrypted->protected_header), "a101381c");
  EXPECT_EQ(AsText(encrypted->recipient.key_id), service.name);
}

TEST_F(Flow, Session_OpensToItsState) {
  const auto opened = OpenSession(session.message, device, service);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->key, session.state.key);
  EXPECT_EQ(opened->id, session.state.id);
}

TEST_F(Flow, Payload_OpensInItsSessionOnly) {
  const auto message = MakePayload(session.state, AsBytes(text));
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->size(), text.size() + 62);
  const auto opened = OpenPayload(*message, session.state);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(AsText(*opened), text);
  EXPECT_REFUSED(OpenPayload(*message, MakeSession(device, service)->state),
                 "FlowWrongSession");
}

TEST_F(Flow, Single_OpensForItsService) {
  const auto message = MakeSingle(device, service, AsBytes(text));
  const auto opened = OpenSingle(*message, device, service);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(AsText(*opened), text);
  EXPECT_REFUSED(OpenSingle(*message, device, Make("other")), "CryptoBadTag");
  EXPECT_REFUSED(OpenSingle(*message, Make("other"), service),
                 "CoseBadSignature");
}

TEST_F(Flow, Kinds_AreNotTakenForEachOther) {
  EXPECT_REFUSED(OpenSingle(session.message, device, service), "FlowWrongKind");
  const auto single = MakeSingle(device, service, session.state.key.bytes());
  EXPECT_REFUSED(OpenSession(*single, device, service), "FlowWrongKind");
}

TEST_F(Flow, Messages_RefuseEveryChangedByte) {
  const auto payload = *MakePayload(session.state, AsBytes(text));
  for (std::size_t i = 0; i < session.message.size(); ++i) {
    Blob changed = session.message;
    changed[i] ^= std::byte{1};
    const auto opened = OpenSession(changed, device, service);
    // The outer kid and its label alone are nobody's business in this format.
    const std::size_t kid = AsText(session.message).find(device.name);
    const bool unprotected =
        i == kid - 3 || (i >= kid && i < kid + device.name.size());
    EXPECT_EQ(opened.ok(), unprotected) << i;
  }
  for (std::size_t i = 0; i < payload.size(); ++i) {
    Blob changed = payload;
    changed[i] ^= std::byte{1};
    EXPECT_FALSE(OpenPayload(changed, session.state).ok()) << i;
  }
}

TEST_F(Flow, Messages_RefuseEveryTruncation) {
  for (std::size_t size = 0; size < session.message.size(); ++size)
    EXPECT_FALSE(ParseSigned(Bytes(session.message).first(size)).ok());
  Blob longer = session.message;
  longer.push_back({});
  EXPECT_REFUSED(ParseSigned(longer), "CborTrailing");
}

TEST(FlowState, Encode_MatchesTheTool) {
  SessionState state;
  state.key.mutable_bytes()[15] = std::byte{0x18};
  state.id.assign(16, std::byte{1});
  const Blob encoded = EncodeState(state);
  EXPECT_EQ(Hex(encoded),
            "a266736563726574900000000000000000000000000000001818"
            "6a73657373696f6e5f69649001010101010101010101010101010101");
  const auto parsed = ParseState(encoded);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->key, state.key);
  EXPECT_EQ(parsed->id, state.id);
}

TEST(FlowState, Parse_RefusesWhatIsNoState) {
  // {"secret": [1]}, a value of 256, a text for the id, a key twice.
  for (const char* hex :
       {"", "a0", "a1667365637265748101", "a16673656372657481190100",
        "a26673656372657490000000000000000000000000000000006a73657373696f6e5f69"
        "6461"
        "61",
        "a2667365637265749000000000000000000000000000000000667365637265749000"
        "000000000000000000000000000000"})
    EXPECT_FALSE(ParseState(testing::FromHex(hex)).ok()) << hex;
}

TEST(FlowState, Parse_ReadsByteStringsToo) {
  const auto parsed = ParseState(testing::FromHex(
      "a266736563726574500102030405060708090a0b0c0d0e0f106a73657373696f6e5f69"
      "6442aabb"));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(Hex(parsed->id), "aabb");
}

}  // namespace
}  // namespace cai::flow
