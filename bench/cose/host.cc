// Sealing and opening 64 bytes on the host, beside OpenSSL's EVP alone with a
// cached key, the same nonce and the same length of additional data.
//
// Each iteration times a batch of both, one right after the other, in the
// thread's processor time: what else the machine does hits both or neither.
// Google Benchmark's time is that of ours; the counter `ratio` is ours / raw.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <time.h>

#include <random>

#include "host/ingest/live_sessions.h"

namespace cai {
namespace {

using wire::Suite;

constexpr std::size_t kPlain = 64, kSessions = 10'000;
constexpr std::size_t kBatch = 4096;
constexpr std::size_t kMessage = kPlain + wire::kMaxSealedOverhead;

double Seconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         1e-9 * static_cast<double>(now.tv_nsec);
}

template <typename Run>
double Timed(Run run) {
  const double start = Seconds();
  run();
  return Seconds() - start;
}

// The primitive: five calls, as its manual has them.
class Raw {
 public:
  explicit Raw(Suite suite) : context_(EVP_CIPHER_CTX_new()) {
    EVP_CIPHER* const cipher = EVP_CIPHER_fetch(
        nullptr,
        suite == Suite::kAes128Gcm ? "AES-128-GCM" : "ChaCha20-Poly1305",
        nullptr);
    const unsigned char key[32] = {1, 2, 3};
    EVP_CipherInit_ex(context_, cipher, nullptr, key, nonce_, 1);
    EVP_CIPHER_free(cipher);
    aad_size_ = suite == Suite::kAes128Gcm ? 23 : 24;
    for (std::size_t i = 0; i < kBatch; ++i) Seal(i);
  }
  ~Raw() { EVP_CIPHER_CTX_free(context_); }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  void Seal(std::size_t i) { Run(i, 1, plain_, sealed_[i].data()); }
  void Open(std::size_t i) { Run(i, 0, sealed_[i].data(), opened_); }

 private:
  void Run(std::size_t i, int encrypt, unsigned char* in, unsigned char* out) {
    int size = 0;
    nonce_[10] = static_cast<unsigned char>(i >> 8);
    nonce_[11] = static_cast<unsigned char>(i);
    bool ok = EVP_CipherInit_ex(context_, nullptr, nullptr, nullptr, nonce_,
                                encrypt) == 1;
    ok &= EVP_CipherUpdate(context_, nullptr, &size, aad_, aad_size_) == 1;
    ok &= EVP_CipherUpdate(context_, out, &size, in, kPlain) == 1;
    if (encrypt == 0)
      ok &= EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_SET_TAG, 16,
                                in + kPlain) == 1;
    ok &= EVP_CipherFinal_ex(context_, out + kPlain, &size) == 1;
    if (encrypt == 1)
      ok &= EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_GET_TAG, 16,
                                out + kPlain) == 1;
    if (!ok) std::abort();
  }

  EVP_CIPHER_CTX* context_;
  int aad_size_;
  unsigned char nonce_[12] = {}, aad_[24] = {}, plain_[kPlain + 16] = {};
  unsigned char opened_[kPlain + 16];
  std::vector<std::array<unsigned char, kPlain + 16>> sealed_{kBatch};
};

wire::SessionKeys KeysOf(std::uint32_t number) {
  wire::SessionKeys keys;
  CopyInto(keys.chain.mutable_bytes(), BigEndian(number));
  return keys;
}

// The sealed readings of one batch.
class Batch {
 public:
  Bytes message(std::size_t i) const { return messages_[i]; }
  void Fill(std::size_t i, wire::Sealer& sealer) {
    const ByteArray<kPlain> plain{};
    const auto sealed = sealer.Seal(plain, room_[i]);
    if (!sealed.ok()) std::abort();
    messages_[i] = *sealed;
  }

 private:
  std::vector<ByteArray<kMessage>> room_{kBatch};
  std::vector<Bytes> messages_{kBatch};
};

// Both batches of each iteration; what `prepare` does is not timed.
template <typename Prepare, typename RunRaw, typename RunOurs>
void Compare(benchmark::State& state, Prepare prepare, RunRaw raw,
             RunOurs ours) {
  double raw_s = 0, ours_s = 0;
  for (auto _ : state) {
    prepare();
    raw_s += Timed([&] {
      for (std::size_t i = 0; i < kBatch; ++i) raw(i);
    });
    const double one = Timed(ours);
    ours_s += one;
    state.SetIterationTime(one);
  }
  const double per = 1e9 / static_cast<double>(kBatch * state.iterations());
  state.SetItemsProcessed(static_cast<std::int64_t>(kBatch) *
                          state.iterations());
  state.counters["raw_ns"] = raw_s * per;
  state.counters["ours_ns"] = ours_s * per;
  state.counters["ratio"] = ours_s / raw_s;
}

// A sender's path, ratchet included.
void SealOne(benchmark::State& state, Suite suite) {
  Raw raw(suite);
  wire::Sealer sealer;
  Batch batch;
  const auto renew = [&] {
    if (!sealer.open() || sealer.next() + kBatch > wire::kMaxSequence)
      sealer.Open(suite, 0x2c02, KeysOf(0));
  };
  Compare(
      state, renew, [&](std::size_t i) { raw.Seal(i); },
      [&] {
        for (std::size_t i = 0; i < kBatch; ++i) batch.Fill(i, sealer);
      });
}

wire::LiveSession Receiving(Suite suite, std::uint32_t number) {
  return {suite, wire::ReceiverState::Begin(KeysOf(number))};
}

// A receiver's path for one session in order: template, window, limits, AEAD,
// new window.
void OpenOne(benchmark::State& state, Suite suite) {
  Raw raw(suite);
  wire::Sealer sealer;
  auto session = Receiving(suite, 0);
  wire::Opener opener;
  Batch batch;
  const auto prepare = [&] {
    if (!sealer.open() || sealer.next() + kBatch > wire::kMaxSequence) {
      sealer.Open(suite, 0x2c02, KeysOf(0));
      session = Receiving(suite, 0);
    }
    for (std::size_t i = 0; i < kBatch; ++i) batch.Fill(i, sealer);
  };
  Compare(
      state, prepare, [&](std::size_t i) { raw.Open(i); },
      [&] {
        ByteArray<kMessage> scratch;
        for (std::size_t i = 0; i < kBatch; ++i) {
          const auto message = wire::ParseSealed(batch.message(i));
          if (!message.ok() || !opener.Open(session, *message, scratch).ok())
            std::abort();
          session.Accept(message->sequence);
        }
      });
}

// ---- 10,000 sessions --------------------------------------------------------

ingest::LiveSessions::Key KeyOf(std::uint32_t session) {
  ingest::LiveSessions::Key key{.key_id = 0x2c02};
  std::mt19937_64 hash(session);
  CopyInto(key.device, BigEndian(hash()));
  CopyInto(MutableBytes(key.device).subspan(8), BigEndian(hash()));
  return key;
}

// Both ends of many sessions, each somewhere in its first five epochs, so that
// in each batch some change their keys.
struct World {
  explicit World(Suite suite) : sealers(kSessions), live(kSessions) {
    for (std::uint32_t i = 0; i < kSessions; ++i) {
      sealers[i].Open(suite, 0x2c02, KeysOf(i));
      keys.push_back(KeyOf(i));
      live.Put(keys[i], {}, Receiving(suite, i));
      Advance(sealers[i], live.Find(keys[i])->session);
    }
  }
  // The last message alone arrives.
  void Advance(wire::Sealer& sealer, wire::LiveSession& session) {
    ByteArray<kMessage> room, scratch;
    Bytes last;
    for (auto left = random() % 1280 + 1; left > 0; --left)
      last = *sealer.Seal({}, room);
    const auto message = wire::ParseSealed(last);
    if (!opener.Open(session, *message, scratch).ok()) std::abort();
    session.Accept(message->sequence);
  }
  void Draw(Batch& batch) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      const auto session = static_cast<std::uint32_t>(random() % kSessions);
      batch.Fill(i, sealers[session]);
      devices[i] = keys[session].device;  // the topic says it
    }
  }

  std::vector<wire::Sealer> sealers;
  std::vector<ingest::LiveSessions::Key> keys;
  ingest::LiveSessions live;
  wire::Opener opener;
  std::mt19937 random{7};
  std::vector<wire::Uuid> devices{kBatch};
};

// As OpenOne, and each message finds its session.
void OpenBatch(World& world, const Batch& batch) {
  constexpr std::size_t kAhead = 6;  // readings between two hints
  ByteArray<kMessage> scratch;
  constexpr std::size_t kRing = 16;
  static_assert(kRing > 2 * kAhead);
  ingest::LiveSessions::Key keys[kRing];
  wire::SealedMessage messages[kRing];
  for (std::size_t i = 0; i < kBatch + 2 * kAhead; ++i) {
    if (i < kBatch) {
      const auto message = wire::ParseSealed(batch.message(i));
      if (!message.ok()) std::abort();
      messages[i % kRing] = *message;
      keys[i % kRing] = {world.devices[i], message->key_id};
      world.live.Expect(keys[i % kRing]);
    }
    if (i >= kAhead && i - kAhead < kBatch)
      world.live.Approach(keys[(i - kAhead) % kRing],
                          messages[(i - kAhead) % kRing].sequence);
    if (i < 2 * kAhead) continue;
    const wire::SealedMessage& message = messages[(i - 2 * kAhead) % kRing];
    wire::LiveSession& session =
        world.live.Find(keys[(i - 2 * kAhead) % kRing])->session;
    if (!world.opener.Open(session, message, scratch).ok()) std::abort();
    session.Accept(message.sequence);
  }
}

void OpenMany(benchmark::State& state, Suite suite) {
  Raw raw(suite);
  static World* world = nullptr;  // kept for the repetitions
  static Suite of = suite;
  if (world == nullptr || of != suite) {
    delete world;
    world = new World(suite);
    of = suite;
  }
  Batch batch;
  Compare(
      state, [&] { world->Draw(batch); }, [&](std::size_t i) { raw.Open(i); },
      [&] { OpenBatch(*world, batch); });
}

void Register() {
  for (const Suite suite : {Suite::kAes128Gcm, Suite::kChaCha20Poly1305}) {
    const std::string name =
        suite == Suite::kAes128Gcm ? "aes128gcm" : "chacha20poly1305";
    const auto add = [&](const std::string& what, auto function) {
      benchmark::RegisterBenchmark((what + "/" + name).c_str(), function, suite)
          ->UseManualTime();
    };
    add("seal_64", SealOne);
    add("open_64", OpenOne);
    add("session_open_64_10000", OpenMany);
  }
}

}  // namespace
}  // namespace cai

int main(int argc, char** argv) {
  cai::Register();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
