package dev.jlora.model.network;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.ActiveAdapters;
import dev.jlora.model.runtime.Adaptable;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.Constants;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.InputTransform;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.RowGroups;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.InputChecks;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs passes through the built tree of a network, with the adapters that they select. */
final class Execution {
  private final Architecture architecture;
  private final Module root;
  private final Map<String, Parameter> parameters;
  private final Map<String, Adaptable> adaptables;
  private final Constants constants;
  private final DType dtype;
  private final Device device;
  private final boolean readsFirstToken;

  /**
   * @param parameters the base's by name; merging may add some later
   * @param adaptables by path
   */
  Execution(
      Architecture architecture,
      Module root,
      Map<String, Parameter> parameters,
      Map<String, Adaptable> adaptables,
      Constants constants,
      DType dtype,
      Device device) {
    this.architecture = architecture;
    this.root = root;
    this.parameters = parameters;
    this.adaptables = adaptables;
    this.constants = constants;
    this.dtype = dtype;
    this.device = device;
    this.readsFirstToken = architecture.root().readsFirstToken();
  }

  /**
   * Runs a batch; the outputs are the pass's.
   *
   * @param adapters the adapters by the names in the selection
   */
  void run(
      AdapterSelection selection,
      Function<String, Adapter> adapters,
      Map<String, Tensor> inputs,
      ForwardContext pass) {
    switch (selection) {
      case AdapterSelection.Weighted together ->
          runTogether(ActiveAdapters.of(together, adapters), inputs, pass);
      case AdapterSelection.PerRow rows -> runRows(rows, adapters, inputs, pass);
    }
  }

  private void runTogether(ActiveAdapters active, Map<String, Tensor> inputs, ForwardContext pass) {
    if (pass.cache() != null) {
      pass.cache().requireOrder(null);
    }
    InputTransform transform = active.inputs();
    if (transform == null) {
      run(inputs, pass, active, null);
      return;
    }
    if (transform.isPrefix() && pass.checkpointing()) {
      throw new ModelException(
          "prefix tuning does not work with activation checkpointing, as in PEFT; train without"
              + " it, or use prompt tuning");
    }
    ForwardContext with = pass.withTransform(transform, architecture.inputs().getFirst());
    run(transform.batch(inputs, with), with, active, null);
  }

  private void run(
      Map<String, Tensor> inputs,
      ForwardContext pass,
      ActiveAdapters active,
      @Nullable RowGroups groups) {
    InputChecks.check(architecture, inputs, pass.past());
    if (pass.tape().isRecording()) {
      watch(pass.tape(), active, groups);
    }
    pass.begin(inputs, dtype, constants, readsFirstToken, active, groups);
    Tensor main = pass.require(architecture.inputs().getFirst());
    root.forward(main, pass);
  }

  private void watch(Tape tape, ActiveAdapters active, @Nullable RowGroups groups) {
    for (Parameter parameter : parameters.values()) {
      if (parameter.trainable()) {
        tape.watch(parameter.value());
      }
    }
    active.trainable().forEach(parameter -> tape.watch(parameter.value()));
    if (groups != null) {
      for (RowGroups.Group group : groups.groups()) {
        group.adapters().trainable().forEach(parameter -> tape.watch(parameter.value()));
      }
    }
  }

  /**
   * Runs one pass for all rows if the adapted layers treat rows independently, otherwise one pass
   * per selection. The rows are sorted by selection first, and the outputs put back.
   */
  private void runRows(
      AdapterSelection.PerRow selected,
      Function<String, Adapter> adapters,
      Map<String, Tensor> inputs,
      ForwardContext pass) {
    Tensor main = inputs.get(architecture.inputs().getFirst());
    if (main != null && main.size(0) != selected.rows().size()) {
      throw new ModelException(
          "adapters by row: got %d selections, expected one for each of the batch's %d rows"
              .formatted(selected.rows().size(), main.size(0)));
    }
    RowGroups groups = RowGroups.of(selected, adapters, device);
    for (RowGroups.Group group : groups.groups()) {
      String transforming = group.adapters().transforming();
      if (transforming != null) {
        throw new ModelException(
            ("adapters by row: '%s' puts virtual tokens before each text, so that its rows would be"
                    + " longer than the others; run it alone")
                .formatted(transforming));
      }
    }
    if (pass.cache() != null) {
      pass.cache().requireOrder(groups.order() == null ? null : groups.order().places());
    }
    if (groups.groups().size() == 1) {
      run(inputs, pass, groups.groups().getFirst().adapters(), null);
      return;
    }
    Map<String, Tensor> sorted = groups.sorted(pass.tape(), inputs);
    if (groups.groups().stream().allMatch(group -> actsByRow(group.adapters()))) {
      run(sorted, pass, ActiveAdapters.NONE, groups);
    } else {
      runApart(groups, sorted, pass);
    }
    pass.restoreRows(inputs, groups);
  }

  private boolean actsByRow(ActiveAdapters active) {
    for (String path : active.modules()) {
      if (adaptables.get(path).target().kind() == TargetModule.Kind.EMBEDDING) {
        return false;
      }
    }
    for (String name : active.overrides()) {
      Adaptable module = adaptables.get(name.substring(0, Math.max(0, name.lastIndexOf('.'))));
      if (module == null || module.target().kind() == TargetModule.Kind.EMBEDDING) {
        return false;
      }
    }
    return true;
  }

  private void runApart(RowGroups groups, Map<String, Tensor> inputs, ForwardContext pass) {
    if (pass.cache() != null) {
      throw new ModelException(
          "adapters by row that train embeddings, norms or tied weights cannot share a cache;"
              + " generate for each adapter alone");
    }
    Map<String, List<Tensor>> parts = new LinkedHashMap<>();
    for (RowGroups.Group group : groups.groups()) {
      Map<String, Tensor> some = new LinkedHashMap<>();
      inputs.forEach((name, tensor) -> some.put(name, groups.take(pass.tape(), tensor, group)));
      ForwardContext own = pass.forRows();
      run(some, own, group.adapters(), null);
      own.outputs()
          .tensors()
          .forEach(
              (name, tensor) -> parts.computeIfAbsent(name, _ -> new ArrayList<>()).add(tensor));
    }
    pass.begin(inputs, dtype, constants, readsFirstToken, ActiveAdapters.NONE, null);
    parts.forEach(
        (name, tensors) ->
            pass.output(name, Functions.cat(pass.tape(), 0, tensors.toArray(Tensor[]::new))));
  }
}
