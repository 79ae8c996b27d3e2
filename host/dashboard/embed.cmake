# Writes OUT: the files of FOLDER as a table {path, type, text}.
set(content "// Made from host/dashboard/page by embed.cmake.\n#pragma once\n\n#include <string_view>\n\nnamespace cai::dashboard {\n\nstruct PageFile {\n  std::string_view path, type, text;\n};\n\ninline constexpr PageFile kPage[] = {\n")
foreach(entry "/|text/html; charset=utf-8|index.html" "/style.css|text/css|style.css" "/app.js|text/javascript|app.js")
  string(REPLACE "|" ";" entry "${entry}")
  # The type of the page has a semicolon of its own: path first, file last.
  list(POP_FRONT entry path)
  list(POP_BACK entry file)
  list(JOIN entry ";" type)
  file(READ "${FOLDER}/${file}" text)
  string(APPEND content "    {\"${path}\", \"${type}\", R\"page(${text})page\"},\n")
endforeach()
string(APPEND content "};\n\n}  // namespace cai::dashboard\n")
file(WRITE "${OUT}" "${content}")
