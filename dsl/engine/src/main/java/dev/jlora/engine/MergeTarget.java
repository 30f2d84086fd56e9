package dev.jlora.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.engine.adapters.MergeCertificate;
import dev.jlora.engine.models.AdapterLoader;
import dev.jlora.engine.runs.RunFolder;
import dev.jlora.io.FormatException;
import dev.jlora.io.JobFile;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.ModelFolder;
import dev.jlora.io.WeightFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * Checks of the folder for a merged model, which may replace a model if requested, but nothing
 * else.
 */
final class MergeTarget {
  private MergeTarget() {}

  /**
   * Checks that a model may be written to a folder.
   *
   * @param model the base model's folder
   * @param companions names of the files that are copied with the weights
   * @throws FormatException if the folder is the base's or a run's, contains an adapter, or
   *     contains files with these names that must not be replaced
   */
  static void check(Path target, Path model, Collection<String> companions, boolean overwrite) {
    refuseModel(target, model);
    if (AdapterLoader.isAdapter(target)) {
      throw new FormatException(
          target, "holds an adapter.", "Choose another folder, such as a new one inside it.");
    }
    if (Files.exists(target.resolve(JobFile.NAME), LinkOption.NOFOLLOW_LINKS)) {
      throw new FormatException(
          target, "holds a job.json.", "Choose another folder, such as a new one inside it.");
    }
    if (ModelFolder.isModel(target) && !overwrite) {
      throw new FormatException(
          target, "holds a model already.", "Choose another folder, or overwrite to replace it.");
    }
    TreeSet<String> names = new TreeSet<>(companions);
    names.addAll(
        List.of(ModelConfig.FILE, WeightFiles.SINGLE, WeightFiles.INDEX, MergeCertificate.FILE));
    names.removeIf(name -> !Files.exists(target.resolve(name), LinkOption.NOFOLLOW_LINKS));
    if (names.isEmpty() || overwrite && isModelConfig(target.resolve(ModelConfig.FILE))) {
      RunFolder.createFolder(target);
      return;
    }
    throw new FormatException(
        target,
        "holds %s, which would be replaced%s."
            .formatted(
                String.join(", ", names),
                overwrite ? "; overwrite replaces a model, and this is none" : ""),
        "Choose another folder, or move what is yours elsewhere first.");
  }

  private static boolean isModelConfig(Path file) {
    try {
      ObjectNode config = Json.readObject(file);
      return config.hasNonNull("model_type");
    } catch (FormatException e) {
      return false;
    }
  }

  private static void refuseModel(Path target, Path model) {
    try {
      if (Files.exists(target) && Files.exists(model) && Files.isSameFile(target, model)) {
        throw new FormatException(
            target, "is the folder of the model itself.", "Choose another output folder.");
      }
    } catch (IOException e) {
      throw new FormatException(
          target.toString(), "cannot be read (%s).".formatted(e), "Choose another folder.", e);
    }
  }
}
