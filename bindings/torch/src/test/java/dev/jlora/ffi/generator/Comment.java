package dev.jlora.ffi.generator;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A comment of a header: prose, which becomes Javadoc, and behind it tags, which say what C cannot.
 *
 * @param text paragraphs, each on one line
 * @param tags name to argument, empty where there is none
 */
record Comment(String text, Map<String, String> tags) {
  /** On a class. */
  static final Set<String> CLASS_TAGS =
      Set.of("class", "library", "object", "prefix", "implements", "optional");

  /** On a function. */
  static final Set<String> FUNCTION_TAGS = Set.of("name", "optional", "critical", "address");

  /** On an enum: Java that is written by hand has its values. */
  static final Set<String> ENUM_TAGS = Set.of("byhand");

  private static final Pattern TAG = Pattern.compile("(?<!\\S)@(\\w+)([^@]*)");
  private static final Pattern BANNER = Pattern.compile("-{4}.*-{4,}", Pattern.DOTALL);

  static final Comment NONE = new Comment("", Map.of());

  static Comment parse(Tokens tokens, Tokens.Token token) {
    String plain =
        token.text().lines().map(line -> line.replaceFirst("^\\s*\\*? ?", "")).collect(lines());
    Matcher tag = TAG.matcher(plain);
    Map<String, String> tags = new LinkedHashMap<>();
    int end = plain.length();
    while (tag.find()) {
      end = Math.min(end, tag.start());
      String name = tag.group(1);
      if (Stream.of(CLASS_TAGS, FUNCTION_TAGS, ENUM_TAGS).noneMatch(all -> all.contains(name))) {
        throw tokens.at(token, "unknown tag '@" + name + "' in the comment that begins here");
      }
      if (tags.put(name, tag.group(2).strip()) != null) {
        throw tokens.at(token, "'@" + name + "' twice in the comment that begins here");
      }
    }
    String prose = plain.substring(0, end).strip();
    String text =
        Pattern.compile("\n\\s*\n")
            .splitAsStream(prose)
            .map(paragraph -> paragraph.replaceAll("\\s+", " ").strip())
            .collect(lines());
    return new Comment(BANNER.matcher(text).matches() ? "" : text, tags);
  }

  private static Collector<CharSequence, ?, String> lines() {
    return Collectors.joining("\n");
  }

  boolean has(String tag) {
    return tags.containsKey(tag);
  }

  String argument(String tag) {
    return tags.getOrDefault(tag, "");
  }
}
