package dev.jlora.engine.conformance;

import dev.jlora.engine.models.AdapterLoader;
import dev.jlora.engine.models.LoadedModel;
import dev.jlora.engine.models.ModelLoader;
import dev.jlora.host.Plugins;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.ModelFolder;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.spec.Precision;
import dev.jlora.spi.ModelFamily;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Task;
import dev.jlora.tensor.Device;
import java.util.Optional;

/** The base model of a case, and the objective of its architecture. */
record CaseModel(LoadedModel loaded, Optional<Objective> objective) implements AutoCloseable {

  static CaseModel load(Plugins plugins, ReferenceCase reference, Device device) {
    ModelFolder folder = ModelFolder.open(reference.base());
    ModelConfig config = folder.config();
    String architecture = reference.about().text("architecture");
    ModelFamily family = new ModelLoader(plugins).family(config);
    Architecture declared = family.declare(config, architecture);
    boolean adapted = AdapterLoader.isAdapter(reference.adapterInit());
    ModelPlan model =
        ModelPlan.of(
            adapted ? AdapterLoader.modelOf(plugins, reference.adapterInit(), declared) : declared);
    LoadedModel loaded =
        ModelLoader.load(
            folder,
            family,
            config,
            model,
            /* freshHead= */ false,
            Precision.FP32,
            /* seed= */ 0,
            device);
    return new CaseModel(loaded, objective(plugins, loaded.family(), config, architecture));
  }

  private static Optional<Objective> objective(
      Plugins plugins, ModelFamily family, ModelConfig config, String architecture) {
    for (Task task : plugins.tasks().all()) {
      if (family.architecture(task.name()).filter(architecture::equals).isPresent()) {
        return Optional.of(task.objective(config, null));
      }
    }
    return Optional.empty();
  }

  Objective requireObjective() {
    return objective.orElseThrow(
        () ->
            new IllegalArgumentException(
                "no task of any plugin trains " + loaded.network().architecture().name()));
  }

  @Override
  public void close() {
    loaded.close();
  }
}
