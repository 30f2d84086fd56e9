package dev.jlora.data.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.ModelFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokenizer class that transformers 5 would use for a folder, and its changes to the folder's
 * {@code tokenizer.json}. Some classes rebuild the encoding rules from {@code
 * tokenizer_config.json} and their own defaults, and take only the vocabulary and the
 * post-processor from the file; the class without rules of its own, {@code TokenizersBackend}, uses
 * the file unchanged. See docs/decisions/0092.
 *
 * @param name without {@code Fast}
 * @param config {@code tokenizer_config.json}; an empty object if there is none
 */
record TokenizerClass(String name, JsonNode config) {
  static final String BACKEND = "TokenizersBackend";
  static final TokenizerClass AS_IT_IS =
      new TokenizerClass(BACKEND, Json.mapper().createObjectNode());

  private static final Logger LOG = LoggerFactory.getLogger(TokenizerClass.class);
  private static final String SPACE = "\u2581";

  /** The class for each {@code model_type} of jlora's own families. */
  private static final Map<String, String> BY_MODEL =
      Map.of(
          "bert", "BertTokenizer",
          "distilbert", "BertTokenizer",
          "roberta", "RobertaTokenizer",
          "xlm-roberta", "XLMRobertaTokenizer",
          "gpt2", "GPT2Tokenizer",
          "qwen2", "Qwen2Tokenizer",
          "mistral", BACKEND);

  /** Classes that rebuild the rules, and the type of model they build. */
  private static final Map<String, String> MODEL_OF =
      Map.of(
          "BertTokenizer", "WordPiece",
          "DistilBertTokenizer", "WordPiece",
          "RobertaTokenizer", "BPE",
          "XLMRobertaTokenizer", "Unigram",
          "GPT2Tokenizer", "BPE",
          "Qwen2Tokenizer", "BPE",
          "LlamaTokenizer", "BPE");

  /** Other names of the backend. */
  private static final List<String> PLAIN =
      List.of(BACKEND, "PreTrainedTokenizer", "PreTrainedTokenizerFast", "PythonBackend");

  static TokenizerClass of(ModelFolder folder) {
    Optional<ModelConfig> own = folder.tokenizerConfig();
    JsonNode config = own.<JsonNode>map(ModelConfig::json).orElse(AS_IT_IS.config());
    JsonNode model = folder.config().json();
    String named = bare(config.path("tokenizer_class").asText(""));
    if (named.isEmpty()) {
      named = bare(model.path("tokenizer_class").asText(""));
    }
    String byModel = BY_MODEL.get(model.path("model_type").asText());
    String name = named.isEmpty() ? byModel : named;
    if (byModel != null && (byModel.equals(BACKEND) || byModel.equals("Qwen2Tokenizer"))) {
      name = byModel; // whatever the folder says
    }
    return new TokenizerClass(name == null || PLAIN.contains(name) ? BACKEND : name, config);
  }

  private static String bare(String name) {
    return name.endsWith("Fast") ? name.substring(0, name.length() - 4) : name;
  }

  /** Whether truncation removes the beginning of a text. */
  boolean cutsLeft() {
    return config.path("truncation_side").asText().equals("left");
  }

  /** Replaces the rules in the file by those of the class, and logs the differences. */
  void apply(Path file, ObjectNode json) {
    JsonNode before = json.deepCopy();
    String type = json.path("model").path("type").asText();
    String wanted = MODEL_OF.get(name);
    if (wanted == null) {
      if (!name.equals(BACKEND)) {
        LOG.warn(
            "{}: the rules of {} are not known to jlora; the file is used unchanged, without"
                + " overrides of tokenizer_config.json",
            file,
            name);
      }
    } else if (!wanted.equals(type)) {
      LOG.info(
          "{}: contains a {} model, which {} does not build; used unchanged", file, type, name);
    } else {
      build(json);
      tell(file, before, json);
    }
    if (config.path("padding_side").asText().equals("left")) {
      LOG.info(
          "{}: padding_side is left, which jlora does not apply: each text gets the result that it"
              + " gets alone (see docs/decisions/0160)",
          file);
    }
    tellEnds(file, json);
  }

  /** Logs two keys that transformers 5 ignores if there is a tokenizer.json. */
  private void tellEnds(Path file, ObjectNode json) {
    String single = json.path("post_processor").toString();
    for (String end : List.of("bos", "eos")) {
      JsonNode wish = config.path("add_" + end + "_token");
      JsonNode named = config.path(end + "_token");
      String token = named.isObject() ? named.path("content").asText() : named.asText();
      boolean there = !token.isEmpty() && single.contains(Json.mapper().valueToTree(token) + "");
      if (wish.isBoolean() && wish.booleanValue() != there && !token.isEmpty()) {
        LOG.warn(
            "{}: add_{}_token is {} in tokenizer_config.json, and the post_processor of this file"
                + " {} {}; the file decides, as in transformers 5",
            file,
            end,
            wish,
            there ? "adds" : "does not add",
            Shown.of(token));
      }
    }
  }

  private void tell(Path file, JsonNode before, JsonNode after) {
    for (String part : List.of("normalizer", "pre_tokenizer", "post_processor", "decoder")) {
      JsonNode was = before.path(part);
      JsonNode is = after.path(part);
      boolean both = was.isNull() || was.isMissingNode() ? is.isNull() : was.equals(is);
      if (both
          || (part.equals("decoder") && was.path("type").equals(is.path("type")))
          || (part.equals("post_processor")
              && Template.described(file, was).equals(Template.described(file, is)))) {
        continue;
      }
      LOG.info(
          "{}: {} is {}, by tokenizer_config.json and the rules of {}, in place of {}",
          file,
          part,
          Shown.of(is),
          name,
          Shown.of(was));
    }
  }

  private void build(ObjectNode json) {
    ObjectNode model = (ObjectNode) json.path("model");
    switch (name) {
      case "BertTokenizer", "DistilBertTokenizer" -> bert(json, model);
      case "GPT2Tokenizer" -> {
        json.putNull("normalizer");
        json.set("pre_tokenizer", byteLevel(flag("add_prefix_space", false), true, true));
        json.set("decoder", byteLevel(true, true, true));
        byteLevelModel(model);
      }
      case "RobertaTokenizer" -> {
        boolean space = flag("add_prefix_space", false);
        boolean trim = flag("trim_offsets", true);
        json.putNull("normalizer");
        json.set("pre_tokenizer", byteLevel(space, true, true));
        json.set("decoder", byteLevel(true, true, true));
        byteLevelModel(model);
        ends(json, "<s>", "</s>")
            .ifPresent(
                ids ->
                    json.set(
                        "post_processor",
                        object(
                            Map.of(
                                "type",
                                "RobertaProcessing",
                                "sep",
                                List.of(token("sep_token", "</s>"), ids[1]),
                                "cls",
                                List.of(token("cls_token", "<s>"), ids[0]),
                                "trim_offsets",
                                trim,
                                "add_prefix_space",
                                space))));
      }
      case "Qwen2Tokenizer" -> {
        json.set("normalizer", object(Map.of("type", "NFC")));
        ObjectNode split = object(Map.of("type", "Split", "behavior", "Isolated", "invert", false));
        split.set("pattern", object(Map.of("Regex", WordExpressions.QWEN2)));
        json.set(
            "pre_tokenizer",
            sequence(
                "pretokenizers", split, byteLevel(flag("add_prefix_space", false), true, false)));
        json.set("decoder", byteLevel(true, true, true));
        byteLevelModel(model);
      }
      case "LlamaTokenizer" -> llama(json, model);
      case "XLMRobertaTokenizer" -> xlm(json, model);
      default -> throw new IllegalStateException(name);
    }
  }

  private void bert(ObjectNode json, ObjectNode model) {
    ObjectNode normalizer =
        object(
            Map.of(
                "type",
                "BertNormalizer",
                "clean_text",
                true,
                "handle_chinese_chars",
                flag("tokenize_chinese_chars", true),
                "lowercase",
                flag("do_lower_case", true)));
    JsonNode accents = config.path("strip_accents");
    if (accents.isBoolean()) {
      normalizer.set("strip_accents", accents);
    } else {
      normalizer.putNull("strip_accents");
    }
    json.set("normalizer", normalizer);
    json.set("pre_tokenizer", object(Map.of("type", "BertPreTokenizer")));
    json.set("decoder", object(Map.of("type", "WordPiece", "prefix", "##", "cleanup", true)));
    model.put("unk_token", token("unk_token", "[UNK]"));
    model.put("continuing_subword_prefix", "##");
    model.put("max_input_chars_per_word", 100);
    String cls = token("cls_token", "[CLS]");
    String sep = token("sep_token", "[SEP]");
    ends(json, cls, sep)
        .ifPresent(
            ids ->
                json.set(
                    "post_processor",
                    object(
                        Map.of(
                            "type", "BertProcessing",
                            "sep", List.of(sep, ids[1]),
                            "cls", List.of(cls, ids[0])))));
  }

  private void llama(ObjectNode json, ObjectNode model) {
    boolean space = flag("add_prefix_space", true);
    boolean legacy = flag("legacy", false);
    json.putNull("normalizer");
    json.set(
        "pre_tokenizer",
        object(
            Map.of(
                "type",
                "Metaspace",
                "replacement",
                SPACE,
                "prepend_scheme",
                space ? legacy ? "always" : "first" : "never",
                "split",
                false)));
    ObjectNode replace = object(Map.of("type", "Replace", "content", " "));
    replace.set("pattern", object(Map.of("String", SPACE)));
    ObjectNode bytes = object(Map.of("type", "ByteFallback"));
    ObjectNode fuse = object(Map.of("type", "Fuse"));
    ObjectNode strip = object(Map.of("type", "Strip", "content", " ", "start", 1, "stop", 0));
    json.set(
        "decoder",
        space
            ? sequence("decoders", replace, bytes, fuse, strip)
            : sequence("decoders", replace, bytes, fuse));
    model.putNull("dropout");
    model.putNull("unk_token");
    model.putNull("continuing_subword_prefix");
    model.putNull("end_of_word_suffix");
    model.put("fuse_unk", true).put("byte_fallback", true).put("ignore_merges", false);
  }

  private void xlm(ObjectNode json, ObjectNode model) {
    ObjectNode map = null;
    JsonNode normalizer = json.path("normalizer");
    boolean many = normalizer.path("type").asText().equals("Sequence");
    for (JsonNode one : many ? normalizer.path("normalizers") : List.of(normalizer)) {
      if (map == null && one.path("type").asText().equals("Precompiled")) {
        map = (ObjectNode) one;
      }
    }
    json.set("normalizer", map);
    String scheme = flag("add_prefix_space", true) ? "always" : "never";
    ObjectNode mark =
        object(Map.of("type", "Metaspace", "replacement", SPACE, "prepend_scheme", scheme));
    ObjectNode splitting = mark.deepCopy().put("split", true);
    json.set(
        "pre_tokenizer",
        sequence("pretokenizers", object(Map.of("type", "WhitespaceSplit")), splitting));
    json.set("decoder", splitting.deepCopy());
    model.put("unk_id", 3);
    ends(json, token("bos_token", "<s>"), token("eos_token", "</s>"))
        .ifPresent(
            ids ->
                json.set(
                    "post_processor",
                    object(
                        Map.of(
                            "type",
                            "RobertaProcessing",
                            "sep",
                            List.of(token("eos_token", "</s>"), ids[1]),
                            "cls",
                            List.of(token("bos_token", "<s>"), ids[0]),
                            "trim_offsets",
                            false,
                            "add_prefix_space",
                            false))));
  }

  private static void byteLevelModel(ObjectNode model) {
    model.putNull("dropout");
    model.putNull("unk_token");
    model.put("continuing_subword_prefix", "").put("end_of_word_suffix", "");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
  }

  /** The ids of the tokens around a text; empty if the vocabulary lacks one. */
  private Optional<int[]> ends(ObjectNode json, String first, String last) {
    String cls = name.startsWith("Roberta") ? token("cls_token", first) : first;
    String sep = name.startsWith("Roberta") ? token("sep_token", last) : last;
    int firstId = id(json, cls);
    int lastId = id(json, sep);
    return firstId < 0 || lastId < 0 ? Optional.empty() : Optional.of(new int[] {firstId, lastId});
  }

  private static int id(ObjectNode json, String token) {
    JsonNode vocabulary = json.path("model").path("vocab");
    if (vocabulary.path(token).isInt()) {
      return vocabulary.path(token).intValue();
    }
    for (int i = 0; vocabulary.isArray() && i < vocabulary.size(); i++) {
      if (vocabulary.get(i).path(0).asText().equals(token)) {
        return i;
      }
    }
    for (JsonNode added : json.path("added_tokens")) {
      if (added.path("content").asText().equals(token) && added.path("id").isInt()) {
        return added.path("id").intValue();
      }
    }
    return -1;
  }

  private boolean flag(String key, boolean otherwise) {
    JsonNode value = config.path(key);
    return value.isBoolean() ? value.booleanValue() : otherwise;
  }

  private String token(String key, String otherwise) {
    JsonNode value = config.path(key);
    JsonNode content = value.isObject() ? value.path("content") : value;
    return content.isTextual() ? content.textValue() : otherwise;
  }

  private static ObjectNode byteLevel(boolean space, boolean trim, boolean expression) {
    return object(
        Map.of(
            "type", "ByteLevel",
            "add_prefix_space", space,
            "trim_offsets", trim,
            "use_regex", expression));
  }

  private static ObjectNode sequence(String key, ObjectNode... parts) {
    ObjectNode sequence = object(Map.of("type", "Sequence"));
    var list = sequence.putArray(key);
    for (ObjectNode part : parts) {
      list.add(part);
    }
    return sequence;
  }

  private static ObjectNode object(Map<String, ?> values) {
    return Json.mapper().valueToTree(new TreeMap<>(values));
  }
}
