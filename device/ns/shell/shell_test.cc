#include <gtest/gtest.h>

#include <string>

#include "device/ns/shell/cbor_text.h"
#include "device/ns/shell/line_editor.h"

namespace cai::ns {
namespace {

using namespace std::string_view_literals;

std::string Diagnostic(std::string_view cbor) {
  Text text;
  AppendCbor(AsBytes(cbor), text);
  return std::string(text.view());
}

TEST(CborText, ShowsEveryType) {
  EXPECT_EQ(Diagnostic("\xA2\x01\x83\x00\x20\x41\xAB\x02\x82\x61\x61\xF5"sv),
            "{1: [0, -1, h'ab'], 2: [\"a\", true]}");
}

TEST(CborText, BadOrDeepInput_EndsInAQuestionMark) {
  EXPECT_EQ(Diagnostic("\x82\x00\xFF"sv), "[0, ?");
  EXPECT_EQ(Diagnostic("\x81\x81\x81\x81\x81\x00"sv), "[[[[?");
  EXPECT_EQ(Diagnostic(""sv), "?");
}

TEST(CborText, ControlCharactersNeverReachTheConsole) {
  EXPECT_EQ(Diagnostic("\x62\x1B\x63"sv), "\"?c\"");
}

TEST(Text, CutsWhatDoesNotFit) {
  Text text;
  for (int i = 0; i < 100; ++i) text << "abcdef";
  EXPECT_EQ(text.view().size(), 240u);
}

TEST(Text, FormatsTimes) {
  EXPECT_EQ(Text().UtcTime(0).view(), "1970-01-01 00:00:00Z");
  EXPECT_EQ(Text().UtcTime(951'782'400).view(), "2000-02-29 00:00:00Z");
  EXPECT_EQ(Text().UtcTime(1'795'419'296).view(), "2026-11-23 07:34:56Z");
  EXPECT_EQ(Text().UtcTime(4'107'542'399).view(), "2100-02-28 23:59:59Z");
  EXPECT_EQ(Text().UtcTime(-1).view(), "(no time)");
}

TEST(Text, NamesErrorsAsTheRegistryDoes) {
  EXPECT_EQ((Text() << Error::kNsPeerAlert).view(), "NS8");
}

TEST(LineEditor, EchoesEditsAndCompletes) {
  LineEditor editor;
  EXPECT_EQ(editor.Type('a').echo, "a");
  EXPECT_EQ(editor.Type('b').echo, "b");
  EXPECT_EQ(editor.Type('\b').echo, "\b \b");
  EXPECT_EQ(editor.Type('\x1B').echo, "");
  const auto result = editor.Type('\r');
  ASSERT_TRUE(result.line);
  EXPECT_EQ(*result.line, "a");
  EXPECT_FALSE(editor.Type('x').line);
  EXPECT_EQ(*editor.Type('\n').line, "x");
}

TEST(LineEditor, IsBounded) {
  LineEditor editor;
  for (int i = 0; i < 1000; ++i) editor.Type('x');
  EXPECT_EQ(editor.Type('\n').line->size(), LineEditor::kMaxLine);
  EXPECT_EQ(editor.Type('\b').echo, "");
}

}  // namespace
}  // namespace cai::ns
