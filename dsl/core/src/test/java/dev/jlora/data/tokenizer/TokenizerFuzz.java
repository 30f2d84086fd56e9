package dev.jlora.data.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Mutates tokenizers of every kind, and opens and uses what comes out. Runs in a process of its
 * own: a panic of the library inside it is what a test looks for. Arguments: a folder for files,
 * the first seed, how many, and of how many mutants with a risk one is tried (they start a process
 * each).
 */
final class TokenizerFuzz {
  private static final String[] TEXTS = {
    "",
    " ",
    "a",
    "a good film",
    "☃ snow \uD83D\uDE00",
    "\uD800",
    "x\u0000y",
    "e\u0301\u0300 \uFB01",
    "[MASK] </s><s> <|end|>",
    "\t\n  \r\n ",
    "漢字かな한국",
    "\u200B\uFEFF\u0001",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    " ' n't 's it's 12345 !?.,",
    "İstanbul ŝອ젂⠔b",
  };

  private static final String[] PARTS = {
    "null",
    "0",
    "-1",
    "1e300",
    "4294967295",
    "true",
    "\"\"",
    "\"a\"",
    "\" \"",
    "[]",
    "{}",
    "\"[UNK]\"",
    "{\"type\":\"NFC\"}",
    "{\"type\":\"Lowercase\"}",
    "{\"type\":\"StripAccents\"}",
    "{\"type\":\"Nmt\"}",
    "{\"type\":\"Strip\",\"strip_left\":true,\"strip_right\":true}",
    "{\"type\":\"Prepend\",\"prepend\":\"\u2581\"}",
    "{\"type\":\"Prepend\",\"prepend\":\"\"}",
    "{\"type\":\"Replace\",\"pattern\":{\"String\":\" \"},\"content\":\"\"}",
    "{\"type\":\"Replace\",\"pattern\":{\"Regex\":\" {2,}\"},\"content\":\" \"}",
    "{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"(a*)*$\"},\"content\":\"\"}",
    "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AAAA\"}",
    "{\"type\":\"WhitespaceSplit\"}",
    "{\"type\":\"Whitespace\"}",
    "{\"type\":\"Punctuation\",\"behavior\":\"MergedWithNext\"}",
    "{\"type\":\"Digits\",\"individual_digits\":false}",
    "{\"type\":\"FixedLength\",\"length\":0}",
    "{\"type\":\"UnicodeScripts\"}",
    "{\"type\":\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":true,\"use_regex\":true}",
    "{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"prepend_scheme\":\"first\",\"split\":true}",
    "{\"type\":\"Split\",\"pattern\":{\"String\":\""
        + " \"},\"behavior\":\"Contiguous\",\"invert\":true}",
    "{\"type\":\"WordPiece\",\"prefix\":\"\",\"cleanup\":true}",
    "{\"type\":\"BPEDecoder\",\"suffix\":\"</w>\"}",
    "{\"type\":\"ByteFallback\"}",
    "{\"type\":\"Fuse\"}",
    "{\"type\":\"CTC\",\"pad_token\":\"a\",\"word_delimiter_token\":\"|\",\"cleanup\":true}",
    "{\"type\":\"Strip\",\"content\":\"a\",\"start\":0,\"stop\":9}",
    "{\"type\":\"Strip\",\"content\":\"a\",\"start\":3,\"stop\":0}",
  };

  private TokenizerFuzz() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    long first = Long.parseLong(args[1]);
    long count = Long.parseLong(args[2]);
    int oneIn = Integer.parseInt(args[3]);
    List<ObjectNode> bases = Tokenizers.all();
    int opened = 0;
    int withRisk = 0;
    for (long seed = first; seed < first + count; seed++) {
      Files.writeString(folder.resolve("seed"), Long.toString(seed));
      var random = new Random(seed);
      ObjectNode mutant = bases.get(random.nextInt(bases.size())).deepCopy();
      for (int i = random.nextInt(4); i >= 0; i--) {
        mutate(mutant, random);
      }
      Path file = Files.writeString(folder.resolve("tokenizer.json"), mutant.toString());
      try {
        if (TokenizerFile.of(file).risk().isPresent() && withRisk++ % oneIn != 0) {
          continue;
        }
        long start = System.nanoTime();
        use(file, random);
        opened++;
        if (System.nanoTime() - start > 10e9) {
          throw new IllegalStateException("took more than ten seconds");
        }
      } catch (FormatException e) {
        // refused by name
      } catch (RuntimeException e) {
        throw new IllegalStateException("seed " + seed, e);
      }
    }
    System.out.printf("%d of %d opened, %d with a risk%n", opened, count, withRisk);
  }

  private static void use(Path file, Random random) {
    var options = TextOptions.DEFAULT.withMaxLength(1 + random.nextInt(9));
    if (random.nextInt(4) == 0) {
      options = options.withCut(TextOptions.Cut.ONLY_SECOND);
    }
    try (TextEncoder encoder = TextEncoder.open(file, options)) {
      for (int i = 0; i < 6; i++) {
        String one = TEXTS[random.nextInt(TEXTS.length)] + TEXTS[random.nextInt(TEXTS.length)];
        String two = TEXTS[random.nextInt(TEXTS.length)];
        try {
          encoder.decode(encoder.encode(one).ids());
          encoder.encode(List.of(one), List.of(two), true, List.of("row"));
          encoder.whole(List.of(one));
          encoder.decode(new int[] {random.nextInt(20), random.nextInt(20), 9999});
        } catch (FormatException e) {
          // this text is refused
        }
      }
    }
  }

  private static void mutate(ObjectNode root, Random random) throws Exception {
    JsonNode part = Json.mapper().readTree(PARTS[random.nextInt(PARTS.length)]);
    if (random.nextInt(3) == 0) {
      String[] keys = {"normalizer", "pre_tokenizer", "post_processor", "decoder"};
      root.set(keys[random.nextInt(keys.length)], part);
      return;
    }
    List<JsonNode> places = new ArrayList<>();
    collect(root, places);
    JsonNode place = places.get(random.nextInt(places.size()));
    if (place instanceof ObjectNode object && !object.isEmpty()) {
      List<String> keys = new ArrayList<>();
      object.fieldNames().forEachRemaining(keys::add);
      String key = keys.get(random.nextInt(keys.size()));
      switch (random.nextInt(3)) {
        case 0 -> object.remove(key);
        case 1 -> object.set(key, places.get(random.nextInt(places.size())).deepCopy());
        default -> object.set(key, part);
      }
    } else if (place instanceof ArrayNode list && !list.isEmpty()) {
      int at = random.nextInt(list.size());
      switch (random.nextInt(3)) {
        case 0 -> list.remove(at);
        case 1 -> list.add(list.get(at).deepCopy());
        default -> list.set(at, part);
      }
    }
  }

  private static void collect(JsonNode node, List<JsonNode> into) {
    if (node.isContainerNode()) {
      into.add(node);
      node.forEach(child -> collect(child, into));
    }
  }
}
