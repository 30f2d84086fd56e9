package dev.jlora.engine.runs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.data.Dataset;
import dev.jlora.data.Row;
import dev.jlora.data.image.ImageProcessor;
import dev.jlora.host.Plugins;
import dev.jlora.io.Checkpoint;
import dev.jlora.io.InputFile;
import dev.jlora.io.Json;
import dev.jlora.io.ModelFolder;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.PeftConfig;
import dev.jlora.spec.JobSpec;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Computes fingerprints. Weights are read once, with a checksum that runs at memory speed; rows are
 * digested in their order.
 */
public final class FingerprintMaker {
  private static final long CHUNK = 1L << 30;

  /** Files of a model folder that determine the encoding of rows. */
  private static final List<String> ENCODING =
      List.of(
          ModelFolder.TOKENIZER,
          ModelFolder.TOKENIZER_CONFIG,
          "special_tokens_map.json",
          "added_tokens.json",
          ImageProcessor.FILE);

  private static final List<String> ADAPTER = List.of(PeftConfig.FILE, AdapterKeys.FILE);

  /** Keys of a {@code config.json} that describe its origin. */
  private static final Set<String> PROVENANCE =
      Set.of("_name_or_path", "transformers_version", "torch_dtype", "dtype");

  private FingerprintMaker() {}

  /**
   * The fingerprint of a job.
   *
   * @param job with resolved labels
   * @param rows the training rows
   * @param validation the rows that select the best checkpoint; null if none is selected
   */
  public static Fingerprint of(
      JobSpec job, ModelFolder model, Dataset rows, @Nullable Dataset validation) {
    SortedMap<String, String> values = Fingerprint.settings(job);
    values.put(Fingerprint.WEIGHTS, weights(model.path()));
    values.put(Fingerprint.CONFIG, config(model));
    values.put(Fingerprint.TOKENIZER, files(model.path(), ENCODING));
    if (job.model().adapter() != null) {
      values.put(Fingerprint.ADAPTER, files(Path.of(job.model().adapter()), ADAPTER));
    }
    values.put(Fingerprint.ROWS, rows(rows, job.data().train()));
    if (validation != null && job.training().bestMetric() != null) {
      values.put(Fingerprint.VALIDATION, rows(validation, job.data().validation()));
    }
    return new Fingerprint(values);
  }

  /** The settings of a minimal job. */
  public static Map<String, String> defaults(Plugins plugins, JobSpec like) {
    Map<String, Object> json = new TreeMap<>();
    json.put("model", Map.of("path", "none"));
    json.put("task", Map.of("name", like.task().name()));
    json.put("data", Map.of("train", "none"));
    if (like.adapter() != null) {
      json.put("adapter", Map.of("method", like.adapter().method()));
    }
    JobSpec job = JobSpec.parse(Json.pretty(json), plugins.specTypes());
    return Fingerprint.settings(job);
  }

  private static String weights(Path folder) {
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      List<String> names = checkpoint.names().stream().sorted().toList();
      String content =
          names.parallelStream()
              .map(
                  name -> {
                    SafetensorsFile.Entry entry = checkpoint.entry(name);
                    return "%s %s %s %x"
                        .formatted(name, entry.dtype(), entry.shape(), sum(checkpoint.bytes(name)));
                  })
              .collect(Collectors.joining("\n"));
      long bytes = names.stream().mapToLong(name -> checkpoint.entry(name).bytes()).sum();
      return "%d tensors, %,d bytes, digest %s"
          .formatted(names.size(), bytes, digest(content.getBytes(StandardCharsets.UTF_8)));
    }
  }

  private static long sum(MemorySegment bytes) {
    CRC32C sum = new CRC32C();
    for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
      sum.update(bytes.asSlice(at, Math.min(CHUNK, bytes.byteSize() - at)).asByteBuffer());
    }
    return sum.getValue();
  }

  private static String config(ModelFolder model) {
    ObjectNode json = model.config().json();
    json.remove(PROVENANCE);
    Map<String, Object> sorted = new TreeMap<>();
    json.properties().forEach(field -> sorted.put(field.getKey(), field.getValue()));
    return "digest " + digest(Json.pretty(sorted).getBytes(StandardCharsets.UTF_8));
  }

  /** The existing files of a folder. */
  private static String files(Path folder, List<String> names) {
    MessageDigest all = sha256();
    for (String name : names) {
      Path file = folder.resolve(name);
      if (Files.isRegularFile(file)) {
        all.update(name.getBytes(StandardCharsets.UTF_8));
        all.update(contents(file));
      }
    }
    return "digest " + hex(all.digest());
  }

  private static byte[] contents(Path file) {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
      }
      return digest.digest();
    } catch (IOException e) {
      throw InputFile.unreadable(file.toString(), e);
    }
  }

  /** The number, the contents and the order of rows. */
  private static String rows(Dataset rows, @Nullable String file) {
    MessageDigest row = sha256();
    MessageDigest order = sha256();
    long content = 0;
    Path folder = file == null ? null : folderOfImages(Path.of(file));
    for (int i = 0; i < rows.size(); i++) {
      add(row, rows.row(i), folder);
      byte[] digest = row.digest();
      order.update(digest);
      for (int at = 0; at < Long.BYTES; at++) {
        content += (digest[at] & 0xffL) << (8 * at); // a sum does not depend on the order
      }
    }
    return "%,d rows, digest %016x, in the order %s"
        .formatted(rows.size(), content, hex(order.digest()));
  }

  /** A folder or zip whose rows refer to files in it; null for a file of rows. */
  private static @Nullable Path folderOfImages(Path data) {
    boolean zip = data.getFileName() != null && data.getFileName().toString().endsWith(".zip");
    return zip || !Files.isRegularFile(data) ? data : null;
  }

  private static void add(MessageDigest digest, Row row, @Nullable Path folder) {
    row.asMap()
        .forEach(
            (column, value) -> {
              add(digest, column);
              add(digest, value, folder);
            });
  }

  private static void add(MessageDigest digest, @Nullable Object value, @Nullable Path folder) {
    switch (value) {
      case null -> add(digest, "\0null");
      case List<?> list -> {
        add(digest, "\0list " + list.size());
        list.forEach(item -> add(digest, item, folder));
      }
      case Map<?, ?> map -> {
        add(digest, "\0map " + map.size());
        map.forEach(
            (key, item) -> {
              add(digest, String.valueOf(key));
              add(digest, item, folder);
            });
      }
      case String text when folder != null && text.startsWith(folder.toString()) ->
          addFile(digest, Path.of(text), folder);
      default -> add(digest, value.toString());
    }
  }

  /** An image of an image folder: its relative path and its size. */
  private static void addFile(MessageDigest digest, Path file, Path folder) {
    try {
      boolean there = Files.isRegularFile(file);
      add(digest, folder.relativize(file) + " " + (there ? Files.size(file) : 0));
    } catch (IOException | IllegalArgumentException e) {
      add(digest, file.toString());
    }
  }

  private static void add(MessageDigest digest, String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }

  private static String digest(byte[] bytes) {
    return hex(sha256().digest(bytes));
  }

  private static String hex(byte[] digest) {
    return HexFormat.of().formatHex(Arrays.copyOf(digest, 8));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
