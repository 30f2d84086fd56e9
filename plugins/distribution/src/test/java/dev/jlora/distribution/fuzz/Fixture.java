package dev.jlora.distribution.fuzz;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.jlora.distribution.TinyBert;
import dev.jlora.distribution.TinyDecoder;
import dev.jlora.distribution.TinyGpt;
import dev.jlora.distribution.TinyJob;
import dev.jlora.engine.Engine;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.ImagesSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/** A small, intact file of every kind that jlora reads, in a folder, and jobs that read them. */
record Fixture(Path folder) {
  private static final Path GOLDENS = Path.of("src/test/resources/goldens");
  private static final Path VIT = GOLDENS.resolve("vit-imgcls/base");
  private static final List<String> CLASSES = List.of("LABEL_0", "LABEL_3");
  static final String RUN = "run";
  static final String PICKLED = "tensors.bin";
  private static final Path PICKLED_SOURCE =
      Path.of("../../dsl/core/src/test/resources/pickled").resolve(PICKLED);

  /** Three by two pixels, lossless: ImageIO has no writer. */
  private static final String WEBP =
      "UklGRlgAAABXRUJQVlA4TEsAAAAvAkAAEC+goG0bpu3++EMZv9FQ07YBU/Vc/GEWQtW0bQT1m7qVP8QDcQSSNrAAa/d2"
          + "77oAvj8wplXtbdc7FLKNAIfu9TmGi+h/vCMA";

  /** Writes all files; the run among them is trained for twelve steps. */
  static Fixture create(Path folder) throws IOException {
    Fixture fixture = new Fixture(folder);
    TinyBert.folder(folder.resolve("base"));
    TinyGpt.folder(folder.resolve("gpt"));
    Json.write(folder.resolve("gpt/generation_config.json"), Map.of("eos_token_id", List.of(0)));
    TinyDecoder.llama(folder.resolve("llama"));
    fixture.tokenizerConfigs();
    fixture.sharded();
    fixture.vit();
    copy(GOLDENS.resolve("vit-imgcls"), folder.resolve("case"));
    Files.copy(PICKLED_SOURCE, folder.resolve(PICKLED));
    fixture.tables();
    fixture.images();
    new Engine(Plugins.load()).train(fixture.job("rows.jsonl").withTraining(fixture.twelve(RUN)));
    return fixture;
  }

  /** A short training of the BERT on the rows of this file. */
  JobSpec job(String rows) {
    DataSpec data = DataSpec.builder().train(path(rows)).maxLength(16).build();
    return new TinyJob(folder)
        .job(TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION), data, RUN, t -> t.maxSteps(1))
        .withTraining(training("out", 1).build());
  }

  /** A training of the ViT on the images of this folder or zip. */
  JobSpec imageJob(String images) {
    return new JobSpec(
        ModelSpec.of(path("vit")),
        TaskSpec.of(TaskSpec.IMAGE_CLASSIFICATION),
        LoraSpec.builder().rank(2).alpha(4).build(),
        DataSpec.builder().train(path(images)).images(ImagesSpec.defaults()).build(),
        OptimizerSpec.of("adamw", 1e-2),
        ScheduleSpec.of("constant"),
        training("out", 1).build());
  }

  /** Resumes a copy of the run from its checkpoint in the middle, the only one that is copied. */
  JobSpec resumed() throws IOException {
    Path copy = folder.resolve("resumed");
    if (Files.exists(copy)) {
      MoreFiles.deleteRecursively(copy, RecursiveDeleteOption.ALLOW_INSECURE);
    }
    Files.createDirectories(copy);
    Files.copy(folder.resolve(RUN).resolve("job.json"), copy.resolve("job.json"));
    copy(folder.resolve(RUN).resolve("checkpoint-8"), copy.resolve("checkpoint-8"));
    return job("rows.jsonl")
        .withTraining(twelve("resumed").toBuilder().overwrite(false).resume(true).build());
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  private TrainingSpec twelve(String output) {
    return training(output, TinyJob.STEPS).save(Interval.steps(8)).build();
  }

  private TrainingSpec.Builder training(String output, int steps) {
    return TrainingSpec.builder()
        .batch(2)
        .maxSteps(steps)
        .evaluate(Interval.never())
        .save(Interval.never())
        .overwrite(true)
        .threads(1)
        .output(path(output));
  }

  String path(String name) {
    return folder.resolve(name).toString();
  }

  private void tokenizerConfigs() {
    Json.write(
        folder.resolve("base/tokenizer_config.json"),
        Map.of(
            "tokenizer_class",
            "BertTokenizer",
            "do_lower_case",
            true,
            "strip_accents",
            true,
            "tokenize_chinese_chars",
            true,
            "model_max_length",
            16,
            "truncation_side",
            "right",
            "pad_token",
            "[PAD]",
            "cls_token",
            Map.of("content", "[CLS]", "special", true)));
    Json.write(
        folder.resolve("gpt/tokenizer_config.json"),
        Map.of(
            "tokenizer_class",
            "GPT2Tokenizer",
            "add_prefix_space",
            false,
            "model_max_length",
            16,
            "eos_token",
            "<|endoftext|>"));
  }

  private void sharded() throws IOException {
    Path sharded = Files.createDirectories(folder.resolve("sharded"));
    for (String file : List.of("config.json", "tokenizer.json")) {
      Files.copy(folder.resolve("base").resolve(file), sharded.resolve(file));
    }
    Map<String, String> weightMap = new LinkedHashMap<>();
    try (SafetensorsFile whole = SafetensorsFile.open(folder.resolve("base/model.safetensors"));
        var _ = Scope.open()) {
      List<Map<String, Tensor>> shards = List.of(new LinkedHashMap<>(), new LinkedHashMap<>());
      for (String name : whole.entries().keySet()) {
        int shard = weightMap.size() % 2;
        weightMap.put(name, shardName(shard));
        shards.get(shard).put(name, whole.tensor(name));
      }
      for (int i = 0; i < 2; i++) {
        SafetensorsWriter.write(
            sharded.resolve(shardName(i)), shards.get(i), Map.of("format", "pt"));
      }
    }
    Json.write(
        sharded.resolve("model.safetensors.index.json"),
        Map.of("metadata", Map.of("total_size", 1), "weight_map", weightMap));
  }

  private static String shardName(int shard) {
    return "model-0000%d-of-00002.safetensors".formatted(shard + 1);
  }

  private void vit() throws IOException {
    Path vit = Files.createDirectories(folder.resolve("vit"));
    for (String file : List.of("model.safetensors", "config.json")) {
      Files.copy(VIT.resolve(file), vit.resolve(file));
    }
    Json.write(
        vit.resolve("preprocessor_config.json"),
        Map.of(
            "do_resize",
            true,
            "size",
            Map.of("height", 32, "width", 32),
            "resample",
            2,
            "do_rescale",
            true,
            "rescale_factor",
            1 / 255.0,
            "do_normalize",
            true,
            "image_mean",
            List.of(0.5, 0.5, 0.5),
            "image_std",
            List.of(0.5, 0.5, 0.5)));
  }

  private void tables() throws IOException {
    String lines = TinyBert.reviews(4);
    Files.writeString(folder.resolve("rows.jsonl"), lines);
    Files.writeString(
        folder.resolve("rows.csv"), "text,label\n\"a good, film\",good\na bad film,bad\n");
    Files.writeString(
        folder.resolve("rows.tsv"), "text\tlabel\na good film\tgood\na bad film\tbad\n");
    try (OutputStream out = Files.newOutputStream(folder.resolve("rows.csv.gz"))) {
      for (String part : List.of("text,label\na good film,good\n", "a bad film,bad\n")) {
        var member = new GZIPOutputStream(out);
        member.write(part.getBytes());
        member.finish();
      }
    }
    try (OutputStream out = Files.newOutputStream(folder.resolve("rows.jsonl.gz"));
        OutputStream zipped = new GZIPOutputStream(out)) {
      zipped.write(lines.getBytes());
    }
  }

  private void images() throws IOException {
    for (String format : List.of("png", "jpg", "gif", "bmp", "tif")) {
      for (String name : CLASSES) {
        Path image =
            Files.createDirectories(folder.resolve("images-" + format).resolve(name))
                .resolve("0." + format);
        if (!ImageIO.write(paint(name), format.equals("tif") ? "tiff" : format, image.toFile())) {
          throw new IllegalStateException("no writer for " + format);
        }
      }
    }
    for (String name : CLASSES) {
      Path classes = Files.createDirectories(folder.resolve("images-webp").resolve(name));
      Files.write(classes.resolve("0.webp"), Base64.getDecoder().decode(WEBP));
    }
    try (var zip = new ZipOutputStream(Files.newOutputStream(folder.resolve("images.zip")))) {
      for (String name : CLASSES) {
        zip.putNextEntry(new ZipEntry(name + "/0.png"));
        ImageIO.write(paint(name), "png", zip);
        zip.closeEntry();
      }
    }
  }

  private static BufferedImage paint(String name) {
    BufferedImage image = new BufferedImage(24, 20, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(name.equals("LABEL_0") ? Color.BLUE : Color.RED);
    graphics.fillOval(3, 2, 18, 15);
    graphics.dispose();
    return image;
  }
}
