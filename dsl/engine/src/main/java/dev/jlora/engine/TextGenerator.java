package dev.jlora.engine;

import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.engine.generation.Generated;
import dev.jlora.engine.generation.GenerationSettings;
import dev.jlora.engine.generation.SpecialIds;
import dev.jlora.engine.generation.TextBatch;
import dev.jlora.engine.generation.TextListener;
import dev.jlora.engine.generation.TokenGenerator;
import dev.jlora.engine.jobs.FolderJob;
import dev.jlora.engine.jobs.ModelText;
import dev.jlora.engine.jobs.ResolvedJob;
import dev.jlora.engine.models.AdapterLoader;
import dev.jlora.engine.models.Devices;
import dev.jlora.engine.models.LoadedModel;
import dev.jlora.engine.models.ModelLoader;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.io.ModelFolder;
import dev.jlora.model.network.OpenGuard;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.Precision;
import dev.jlora.spec.TaskSpec;
import dev.jlora.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Generates text with a causal language model from a model folder or a run. Owns the network.
 * Closing waits for generation in progress.
 */
public final class TextGenerator implements AutoCloseable {
  private final LoadedModel model;
  private final TextEncoder text;
  private final SpecialIds special;
  private final OpenGuard guard = new OpenGuard("this generator");
  private final ModelAdapters adapters;

  /** Takes ownership of the model, unless the folder's tokenizer does not fit it. */
  private TextGenerator(Plugins plugins, ModelFolder folder, LoadedModel model) {
    this.model = model;
    this.adapters = new ModelAdapters(plugins, model, guard);
    this.text =
        ModelText.open(
            folder,
            model.config(),
            TextOptions.DEFAULT,
            model.network().architecture().maxPositions());
    try {
      this.special = special(folder);
    } catch (RuntimeException e) {
      text.close();
      throw e;
    }
  }

  /**
   * Opens a model.
   *
   * @param folder a pretrained or merged model, or the output folder of a run, whose adapter is
   *     merged
   * @throws FormatException if it is neither, or its tokenizer does not fit
   */
  public static TextGenerator open(Plugins plugins, Path folder) {
    return open(plugins, folder, Devices.AUTO, null);
  }

  /**
   * Opens a model on a device.
   *
   * @param device as for {@link Devices}
   * @param precision null uses the one of the model's weights, or of the run's training
   */
  public static TextGenerator open(
      Plugins plugins, Path folder, String device, @Nullable Precision precision) {
    return open(plugins, folder, null, device, precision);
  }

  /**
   * Opens an adapter on a base model.
   *
   * @param base the folder of the adapter's base model; null for the one that the run or the
   *     adapter names
   */
  public static TextGenerator open(
      Plugins plugins,
      Path folder,
      @Nullable Path base,
      String device,
      @Nullable Precision precision) {
    Engine engine = new Engine(plugins);
    boolean run = engine.isRun(folder);
    if (!run && !AdapterLoader.isAdapter(folder)) {
      return pretrained(plugins, folder, device, precision);
    }
    JobSpec job = engine.job(folder, base).withDevice(device);
    requireLanguage(folder, job);
    Precision type = precision == null && run ? job.model().precision() : precision;
    return AdapterLoader.isWholeModel(folder)
        ? pretrained(plugins, folder, device, type)
        : adapted(plugins, folder, job, type);
  }

  private static void requireLanguage(Path folder, JobSpec job) {
    if (!job.task().name().equals(TaskSpec.CAUSAL_LM)) {
      throw new FormatException(
          folder,
          "was trained for %s, and only %s can be gone on with."
              .formatted(job.task().name(), TaskSpec.CAUSAL_LM),
          "Ask it with predict.");
    }
  }

  private static TextGenerator adapted(
      Plugins plugins, Path adapter, JobSpec job, @Nullable Precision precision) {
    JobSpec typed = precision == null ? job : job.withModel(job.model().withPrecision(precision));
    ResolvedJob work = ResolvedJob.withoutRows(plugins, typed).forAdapter(adapter);
    LoadedModel model = work.load();
    try {
      AdapterLoader.apply(plugins, adapter, model);
      return new TextGenerator(plugins, work.folder(), model);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private static TextGenerator pretrained(
      Plugins plugins, Path path, String device, @Nullable Precision precision) {
    ModelFolder folder = ModelFolder.open(path);
    ModelLoader loader = new ModelLoader(plugins);
    var config = folder.config();
    String architecture = loader.architecture(config, plugins.tasks().get(TaskSpec.CAUSAL_LM));
    new FolderJob(plugins).head(config).ifPresent(task -> requireHead(path, task, architecture));
    LoadedModel model =
        loader.load(
            folder, config, architecture, /* freshHead= */ false, precision, 0, Devices.of(device));
    try {
      return new TextGenerator(plugins, folder, model);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private static void requireHead(Path folder, String task, String architecture) {
    if (!task.equals(TaskSpec.CAUSAL_LM)) {
      throw new FormatException(
          folder,
          "holds a model for %s, expected %s, which writes texts.".formatted(task, architecture),
          "Ask it with predict.");
    }
  }

  /** The dtype of weights and activations. */
  public DType dtype() {
    return model.network().dtype();
  }

  /** Continues one prompt. */
  public Generated generate(String prompt, GenerationSettings settings) {
    return generate(List.of(prompt), settings, (_, _) -> {}).getFirst();
  }

  /**
   * Continues prompts, all in one batch.
   *
   * @param listener receives each text as it grows
   * @throws IllegalArgumentException naming both lengths, if a prompt is longer than the context
   */
  public List<Generated> generate(
      List<String> prompts, GenerationSettings settings, TextListener listener) {
    return generate(prompts, settings, listener, (AdapterSelection) null);
  }

  /**
   * Continues texts with an attached adapter. Threads may use different adapters at the same time.
   *
   * @param listener hears each text as it grows
   * @param adapter the name it was attached under; null for the adapter that was opened
   * @throws IllegalArgumentException naming both lengths, if a prompt is longer than the context
   * @throws dev.jlora.model.ModelException if no adapter is attached under this name
   */
  public List<Generated> generate(
      List<String> prompts,
      GenerationSettings settings,
      TextListener listener,
      @Nullable String adapter) {
    return generate(
        prompts, settings, listener, adapter == null ? null : AdapterSelection.of(adapter));
  }

  /**
   * Continues texts with other adapters than the selected ones: several with weights, none, or one
   * selection per prompt ({@link AdapterSelection#perRow}), whose base is computed once.
   *
   * @param listener receives each text as it grows
   * @param selection null for the selected ones
   * @throws dev.jlora.model.ModelException if no adapter is attached under a name, or there is not
   *     one selection per prompt
   */
  public List<Generated> generate(
      List<String> prompts,
      GenerationSettings settings,
      TextListener listener,
      @Nullable AdapterSelection selection) {
    try (var _ = guard.use()) {
      model.network().requireUnchanged();
      var tokens = new TokenGenerator(model.network(), special, adapters.asked(selection));
      return new TextBatch(tokens, text).generate(prompts, settings, listener);
    }
  }

  /**
   * Loads another adapter for the same model. The adapter that was opened, if any, is no longer
   * merged from here on.
   *
   * @param name what {@link #generate(List, GenerationSettings, TextListener, String)} selects it
   *     by
   * @param adapter its folder
   * @throws FormatException if the folder holds no adapter for this model
   */
  public void attach(String name, Path adapter) {
    adapters.attach(name, adapter);
  }

  /** The attached adapters: attaching, replacing, renaming, selecting. */
  public ModelAdapters adapters() {
    return adapters;
  }

  /** Frees an attached adapter, after the texts that are being generated with it. */
  public void detach(String name) {
    adapters.detach(name);
  }

  /**
   * The special tokens in the folder's generation settings, its configuration and its tokenizer.
   */
  private SpecialIds special(ModelFolder folder) {
    SpecialIds named = SpecialIds.of(model.config());
    Set<Integer> ends = folder.generationConfig().map(SpecialIds::ends).orElse(Set.of());
    if (ends.isEmpty()) {
      ends = named.ends();
    }
    if (ends.isEmpty() && text.endId().isPresent()) {
      ends = Set.of(text.endId().getAsInt());
    }
    return new SpecialIds(ends, named.padding());
  }

  /** Frees the model, after generation in progress. Idempotent. */
  @Override
  public void close() {
    guard.close(this::free);
  }

  private void free() {
    text.close();
    model.close();
  }
}
