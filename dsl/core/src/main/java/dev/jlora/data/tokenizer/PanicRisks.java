package dev.jlora.data.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Determines whether the native library is known not to panic with a tokenizer, for any text. This
 * was established from the library's source, component by component; a component that is not listed
 * here is a risk, and so is a value of unexpected type.
 *
 * <p>Each method returns the first risk, or null if there is none.
 */
final class PanicRisks {
  /** Maximum number of added tokens: loading compares all pairs of them. */
  private static final int ADDED_TOKENS = 5_000;

  private static final int TOKEN_BYTES = 512;
  private static final int WORD_CHARS = 1_000;
  private static final int DEPTH = 3;

  /** Maximum factor by which a normalizer may lengthen a text. */
  private static final int GROWTH = 64;

  /**
   * Maximum number of characters to which SentencePiece's own map expands one: an Arabic ligature.
   */
  private static final int MAPPED = 18;

  private static final Set<String> BEHAVIORS =
      Set.of("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous");

  private PanicRisks() {}

  /** The first risk of a tokenizer, as text for a message. */
  static Optional<String> about(JsonNode tokenizer) {
    String version = text(tokenizer, "version");
    String risk =
        first(
            tokenizer.hasNonNull("version") && !"1.0".equals(version)
                ? "its version is " + Shown.of(tokenizer.path("version"))
                : null,
            model(tokenizer.path("model")),
            addedTokens(tokenizer.path("added_tokens")),
            growth("normalizer", tokenizer.path("normalizer")),
            growth("decoder", tokenizer.path("decoder")),
            normalizer(tokenizer.path("normalizer"), DEPTH),
            preTokenizer(tokenizer.path("pre_tokenizer"), DEPTH),
            decoder(tokenizer.path("decoder"), DEPTH));
    return Optional.ofNullable(risk);
  }

  /** Whether a normalizer has a character map that the library could not even load. */
  static boolean hasDamagedMap(JsonNode normalizer) {
    for (JsonNode one : normalizer.path("normalizers")) {
      if (hasDamagedMap(one)) {
        return true;
      }
    }
    return normalizer.path("type").asText().equals("Precompiled")
        && !CharsMap.isSound(normalizer.path("precompiled_charsmap").asText());
  }

  private static @Nullable String first(@Nullable String... risks) {
    for (String risk : risks) {
      if (risk != null) {
        return risk;
      }
    }
    return null;
  }

  // ---------------------------------------------------------------- model

  private static @Nullable String model(JsonNode model) {
    return switch (model.path("type").asText()) {
      case "WordPiece" ->
          first(
              knowsUnknown(model, true),
              isText(model, "continuing_subword_prefix"),
              inRange(model, "max_input_chars_per_word", 0, WORD_CHARS));
      case "WordLevel" -> knowsUnknown(model, true);
      case "BPE" -> bpe(model);
      case "Unigram" -> unigram(model);
      default -> "model has the type " + Shown.of(model.path("type"));
    };
  }

  private static @Nullable String bpe(JsonNode model) {
    for (String affix : Set.of("continuing_subword_prefix", "end_of_word_suffix")) {
      if (model.hasNonNull(affix) && !"".equals(text(model, affix))) {
        return "model.%s is %s".formatted(affix, Shown.of(model.path(affix)));
      }
    }
    for (String flag : Set.of("fuse_unk", "byte_fallback", "ignore_merges")) {
      if (model.hasNonNull(flag) && !model.path(flag).isBoolean()) {
        return "model.%s is %s".formatted(flag, Shown.of(model.path(flag)));
      }
    }
    if (model.hasNonNull("dropout")) {
      return "model.dropout is " + Shown.of(model.path("dropout"));
    }
    return first(
        model.path("merges").isArray() ? null : "model.merges is not a list",
        knowsUnknown(model, false));
  }

  private static @Nullable String knowsUnknown(JsonNode model, boolean needed) {
    JsonNode token = model.path("unk_token");
    if (!needed && (token.isMissingNode() || token.isNull())) {
      return null;
    }
    return token.isTextual() && model.path("vocab").path(token.textValue()).isInt()
        ? null
        : "model.unk_token is %s, which model.vocab does not have".formatted(Shown.of(token));
  }

  private static @Nullable String unigram(JsonNode model) {
    JsonNode vocabulary = model.path("vocab");
    if (!vocabulary.isArray()) {
      return "model.vocab is not a list";
    }
    if (model.has("byte_fallback") && !model.path("byte_fallback").isBoolean()) {
      return "model.byte_fallback is " + Shown.of(model.path("byte_fallback"));
    }
    for (JsonNode entry : vocabulary) {
      if (!entry.isArray()
          || entry.size() != 2
          || !entry.get(0).isTextual()
          || !entry.get(1).isNumber()
          || !Double.isFinite(entry.get(1).doubleValue())
          || entry.get(0).textValue().getBytes(StandardCharsets.UTF_8).length > TOKEN_BYTES) {
        return "model.vocab has the entry " + Shown.of(entry);
      }
    }
    return inRange(model, "unk_id", 0, vocabulary.size() - 1);
  }

  // ---------------------------------------------------------------- added tokens

  private static @Nullable String addedTokens(JsonNode tokens) {
    if (tokens.isMissingNode()) {
      return null;
    }
    if (!tokens.isArray() || tokens.size() > ADDED_TOKENS) {
      return tokens.isArray()
          ? "added_tokens has %,d tokens".formatted(tokens.size())
          : "added_tokens is not a list";
    }
    boolean strips = false;
    var flags = Set.of("single_word", "lstrip", "rstrip", "normalized", "special");
    for (JsonNode token : tokens) {
      for (String flag : flags) {
        if (!token.path(flag).isBoolean()) {
          return "added token %s has %s = %s"
              .formatted(Shown.of(token.path("content")), flag, Shown.of(token.path(flag)));
        }
      }
      strips |= token.path("lstrip").booleanValue() || token.path("rstrip").booleanValue();
    }
    for (JsonNode token : tokens) {
      String content = token.path("content").asText();
      boolean normalized = token.path("normalized").booleanValue();
      boolean plain = content.chars().allMatch(c -> c > ' ' && c < 0x7f);
      if (content.isEmpty()
          || content.length() > TOKEN_BYTES
          // a normalizer may leave nothing of it, and nothing is found everywhere
          || (normalized && content.chars().noneMatch(PanicRisks::isLetterOrDigit))
          // tokens that take the space around them must not overlap with others
          || (strips && content.chars().anyMatch(c -> Character.isWhitespace(c) || c == 0xa0))
          || (strips && normalized && !plain)) {
        return "added token " + Shown.of(content);
      }
    }
    return null;
  }

  private static boolean isLetterOrDigit(int c) {
    return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }

  // ---------------------------------------------------------------- normalizers

  private static @Nullable String normalizer(JsonNode node, int depth) {
    if (node.isMissingNode() || node.isNull()) {
      return null;
    }
    String type = node.path("type").asText();
    return switch (type) {
      case "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt" -> null;
      case "BertNormalizer" ->
          first(
              areFlags("normalizer", node, "clean_text", "handle_chinese_chars", "lowercase"),
              node.hasNonNull("strip_accents")
                  ? areFlags("normalizer", node, "strip_accents")
                  : null);
      case "Strip" -> areFlags("normalizer", node, "strip_left", "strip_right");
      case "Prepend" ->
          "\u2581".equals(text(node, "prepend")) || " ".equals(text(node, "prepend"))
              ? null
              : "normalizer Prepend has prepend = " + Shown.of(node.path("prepend"));
      case "Replace" -> replace("normalizer", node, Set.of(" {2,}"));
      case "Precompiled" ->
          node.path("precompiled_charsmap").isTextual()
                  && CharsMap.isSound(node.path("precompiled_charsmap").textValue())
              ? null
              : "normalizer Precompiled has a precompiled_charsmap that is truncated or damaged";
      case "Sequence" ->
          each("normalizer", node.path("normalizers"), depth, it -> normalizer(it, depth - 1));
      default -> unknown("normalizer", node);
    };
  }

  /** Several components in sequence may make a text exceed any memory. */
  private static @Nullable String growth(String part, JsonNode node) {
    double factor = growth(node, DEPTH);
    return factor <= GROWTH ? null : "%s makes a text %.0f times as long".formatted(part, factor);
  }

  /** The factor by which a text may grow, without what a component adds once. */
  private static double growth(JsonNode node, int depth) {
    double factor = 1;
    for (String parts : depth > 0 ? Set.of("normalizers", "decoders") : Set.<String>of()) {
      for (JsonNode part : node.path(parts)) {
        factor *= growth(part, depth - 1);
      }
    }
    return switch (node.path("type").asText()) {
      case "Replace" -> {
        int from = Math.max(1, node.path("pattern").path("String").asText().length());
        yield Math.max(1, (double) node.path("content").asText().length() / from);
      }
      case "Precompiled" -> MAPPED;
      default -> factor;
    };
  }

  private static @Nullable String replace(String part, JsonNode node, Set<String> expressions) {
    JsonNode pattern = node.path("pattern");
    String wanted = text(pattern, "String");
    boolean safe =
        pattern.size() == 1
            && (wanted != null
                ? isPlain(wanted)
                : pattern.path("Regex").isTextual()
                    && expressions.contains(pattern.path("Regex").textValue()));
    return safe && node.path("content").isTextual()
        ? null
        : "%s Replace has pattern = %s and content = %s"
            .formatted(part, Shown.of(pattern), Shown.of(node.path("content")));
  }

  /** Short, and without special characters of regular expressions. */
  private static boolean isPlain(String text) {
    return !text.isEmpty()
        && text.length() <= 8
        && text.chars().allMatch(c -> c == ' ' || c == '\'' || c == '`' || c == '"' || c == 0x2581);
  }

  // ---------------------------------------------------------------- pre-tokenizers

  private static @Nullable String preTokenizer(JsonNode node, int depth) {
    if (node.isMissingNode() || node.isNull()) {
      return null;
    }
    return switch (node.path("type").asText()) {
      case "BertPreTokenizer", "Whitespace", "WhitespaceSplit" -> null;
      case "Punctuation" ->
          node.has("behavior") && !BEHAVIORS.contains(node.path("behavior").asText())
              ? "pre_tokenizer Punctuation has behavior = " + Shown.of(node.path("behavior"))
              : null;
      case "Digits" -> areFlags("pre_tokenizer", node, "individual_digits");
      case "ByteLevel" -> byteLevel("pre_tokenizer", node);
      case "Metaspace" -> metaspace("pre_tokenizer", node);
      case "Split" -> split(node);
      case "Sequence" ->
          each(
              "pre_tokenizer",
              node.path("pretokenizers"),
              depth,
              it -> preTokenizer(it, depth - 1));
      default -> unknown("pre_tokenizer", node);
    };
  }

  private static @Nullable String byteLevel(String part, JsonNode node) {
    return first(
        areFlags(part, node, "add_prefix_space", "trim_offsets"),
        node.has("use_regex") ? areFlags(part, node, "use_regex") : null);
  }

  private static @Nullable String metaspace(String part, JsonNode node) {
    boolean scheme =
        !node.has("prepend_scheme")
            || Set.of("first", "never", "always").contains(node.path("prepend_scheme").asText());
    boolean flags =
        (!node.hasNonNull("add_prefix_space") || node.path("add_prefix_space").isBoolean())
            && (!node.hasNonNull("split") || node.path("split").isBoolean())
            && (!node.hasNonNull("str_rep") || node.path("str_rep").isTextual());
    return "\u2581".equals(text(node, "replacement")) && scheme && flags
        ? null
        : "%s Metaspace is %s".formatted(part, Shown.of(node));
  }

  private static @Nullable String split(JsonNode node) {
    JsonNode pattern = node.path("pattern");
    String literal = text(pattern, "String");
    String expression = text(pattern, "Regex");
    boolean known =
        pattern.size() == 1
            && (literal != null
                ? isPlain(literal)
                : expression != null && WordExpressions.KNOWN.contains(expression));
    return known
            && BEHAVIORS.contains(node.path("behavior").asText())
            && node.path("invert").isBoolean()
        ? null
        : "pre_tokenizer Split has pattern = %s, behavior = %s, invert = %s"
            .formatted(
                Shown.of(pattern), Shown.of(node.path("behavior")), Shown.of(node.path("invert")));
  }

  // ---------------------------------------------------------------- decoders

  private static @Nullable String decoder(JsonNode node, int depth) {
    if (node.isMissingNode() || node.isNull()) {
      return null;
    }
    return switch (node.path("type").asText()) {
      case "Fuse", "ByteFallback" -> null;
      case "WordPiece" ->
          first(isText("decoder", node, "prefix"), areFlags("decoder", node, "cleanup"));
      case "ByteLevel" -> byteLevel("decoder", node);
      case "Metaspace" -> metaspace("decoder", node);
      case "Replace" -> replace("decoder", node, Set.of());
      case "Strip" -> {
        String content = text(node, "content");
        boolean one = content != null && content.codePointCount(0, content.length()) == 1;
        yield one
                && inRange(node, "start", 0, WORD_CHARS) == null
                && inRange(node, "stop", 0, 0) == null
            ? null
            : "decoder Strip is " + Shown.of(node);
      }
      case "Sequence" ->
          each("decoder", node.path("decoders"), depth, it -> decoder(it, depth - 1));
      default -> unknown("decoder", node);
    };
  }

  // ---------------------------------------------------------------- values

  private static @Nullable String each(
      String part, JsonNode list, int depth, Function<JsonNode, @Nullable String> risks) {
    if (!list.isArray() || depth <= 0) {
      return "%s Sequence has %s"
          .formatted(part, depth <= 0 ? "too many in one another" : "no list of parts");
    }
    for (JsonNode part1 : list) {
      if (part1.isNull()) {
        return part + " Sequence has an empty part";
      }
      String risk = risks.apply(part1);
      if (risk != null) {
        return risk;
      }
    }
    return null;
  }

  private static String unknown(String part, JsonNode node) {
    return "%s has the type %s".formatted(part, Shown.of(node.path("type")));
  }

  private static @Nullable String areFlags(String part, JsonNode node, String... keys) {
    for (String key : new TreeSet<>(Set.of(keys))) {
      if (!node.path(key).isBoolean()) {
        return "%s %s has %s = %s"
            .formatted(part, node.path("type").asText(), key, Shown.of(node.path(key)));
      }
    }
    return null;
  }

  private static @Nullable String isText(JsonNode node, String key) {
    return isText("model", node, key);
  }

  private static @Nullable String isText(String part, JsonNode node, String key) {
    return node.path(key).isTextual()
        ? null
        : "%s %s has %s = %s"
            .formatted(part, node.path("type").asText(), key, Shown.of(node.path(key)));
  }

  private static @Nullable String inRange(JsonNode node, String key, int least, int most) {
    JsonNode value = node.path(key);
    return value.isInt() && value.intValue() >= least && value.intValue() <= most
        ? null
        : "%s is %s".formatted(key, Shown.of(value));
  }

  private static @Nullable String text(JsonNode node, String key) {
    return node.path(key).isTextual() ? node.path(key).textValue() : null;
  }
}
