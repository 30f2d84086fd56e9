package dev.jlora.data.tokenizer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.Json;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Small tokenizers of every kind. */
final class Tokenizers {
  private Tokenizers() {}

  static List<ObjectNode> all() {
    return List.of(wordPiece(), byteLevel(), sentencePiece(), unigram(), wordLevel());
  }

  static ObjectNode wordPiece() {
    return tokenizer(
        """
        {"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}\
        """,
        "{\"type\":\"BertPreTokenizer\"}",
        """
        {"type":"TemplateProcessing",
         "single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
           {"SpecialToken":{"id":"[SEP]","type_id":0}}],
         "pair":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
           {"SpecialToken":{"id":"[SEP]","type_id":0}},{"Sequence":{"id":"B","type_id":1}},
           {"SpecialToken":{"id":"[SEP]","type_id":1}}],
         "special_tokens":{"[CLS]":{"id":"[CLS]","ids":[2],"tokens":["[CLS]"]},
           "[SEP]":{"id":"[SEP]","ids":[3],"tokens":["[SEP]"]}}}\
        """,
        "{\"type\":\"WordPiece\",\"prefix\":\"##\",\"cleanup\":true}",
        """
        {"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##",
         "max_input_chars_per_word":100,"vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"[MASK]":4,
         "a":5,"good":6,"##od":7,"film":8,"snow":9,"##a":10}}\
        """,
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]");
  }

  /** One that writes every space as 2^40 of them, which takes years. */
  static ObjectNode growing() {
    String twice = "{\"type\":\"Replace\",\"pattern\":{\"String\":\" \"},\"content\":\"  \"}";
    String all = String.join(",", Collections.nCopies(40, twice));
    ObjectNode json = wordPiece();
    json.set(
        "normalizer",
        Json.parse("{\"type\":\"Sequence\",\"normalizers\":[" + all + "]}", "normalizer"));
    return json;
  }

  static ObjectNode byteLevel() {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    vocabulary.put("<|end|>", 0);
    for (char c = '!'; c <= '~'; c++) {
      vocabulary.put(String.valueOf(c), vocabulary.size());
    }
    vocabulary.put("\u0120", vocabulary.size());
    vocabulary.put("\u0120a", vocabulary.size());
    vocabulary.put("fi", vocabulary.size());
    return tokenizer(
        "null",
        "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":true}",
        "{\"type\":\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":true}",
        "{\"type\":\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":true}",
        "{\"type\":\"BPE\",\"merges\":[\"\u0120 a\",\"f i\"],\"vocab\":%s}"
            .formatted(Json.mapper().valueToTree(vocabulary)),
        "<|end|>");
  }

  /** Llama 2's rules. */
  static ObjectNode sentencePiece() {
    return tokenizer(
        """
        {"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"\u2581"},
         {"type":"Replace","pattern":{"String":" "},"content":"\u2581"}]}\
        """,
        "null",
        "null",
        """
        {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"\u2581"},"content":" "},
         {"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}\
        """,
        """
        {"type":"BPE","dropout":null,"unk_token":"<unk>","fuse_unk":true,"byte_fallback":true,
         "vocab":{"<unk>":0,"<s>":1,"</s>":2,"\u2581":3,"a":4,"b":5,"\u2581a":6,"ab":7,"\u2581ab":8,
         "<0x0A>":9,"<0xC3>":10,"<0x41>":11},
         "merges":["\u2581 a","a b","\u2581a b"]}\
        """,
        "<unk>",
        "<s>",
        "</s>");
  }

  static ObjectNode unigram() {
    return tokenizer(
        "{\"type\":\"Nmt\"}",
        """
        {"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},
         {"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":true}]}\
        """,
        """
        {"type":"RobertaProcessing","sep":["</s>",2],"cls":["<s>",0],"trim_offsets":true,
         "add_prefix_space":false}\
        """,
        "{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"prepend_scheme\":\"always\",\"split\":true}",
        """
        {"type":"Unigram","unk_id":3,"byte_fallback":false,"vocab":[["<s>",0.0],["<pad>",0.0],
         ["</s>",0.0],["<unk>",0.0],["\u2581",-2.0],["\u2581a",-3.0],["good",-4.5],["film",-5.0]]}\
        """,
        "<s>",
        "<pad>",
        "</s>");
  }

  static ObjectNode wordLevel() {
    return tokenizer(
        "{\"type\":\"Lowercase\"}",
        "{\"type\":\"Whitespace\"}",
        "{\"type\":\"BertProcessing\",\"sep\":[\"?\",0],\"cls\":[\"?\",0]}",
        "null",
        "{\"type\":\"WordLevel\",\"unk_token\":\"?\",\"vocab\":{\"?\":0,\"a\":1,\"good\":2,\"b\":3}}",
        "?");
  }

  private static ObjectNode tokenizer(
      String normalizer,
      String preTokenizer,
      String postProcessor,
      String decoder,
      String model,
      String... special) {
    ObjectNode json = Json.mapper().createObjectNode().put("version", "1.0");
    json.putNull("truncation").putNull("padding");
    var added = json.putArray("added_tokens");
    json.set("normalizer", Json.parse(normalizer, "normalizer"));
    json.set("pre_tokenizer", Json.parse(preTokenizer, "pre_tokenizer"));
    json.set("post_processor", Json.parse(postProcessor, "post_processor"));
    json.set("decoder", Json.parse(decoder, "decoder"));
    json.set("model", Json.parse(model, "model"));
    for (int i = 0; i < special.length; i++) {
      added
          .addObject()
          .put("id", i)
          .put("content", special[i])
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    return json;
  }
}
