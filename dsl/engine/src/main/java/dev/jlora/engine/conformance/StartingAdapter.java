package dev.jlora.engine.conformance;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.engine.models.AdapterLoader;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.peft.PeftConfig;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.tensor.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The adapter that training starts from, {@code adapter_init}.
 *
 * <p>PiSSA, OLoRA, CorDA and LoRA-GA move a part of each weight into the adapter. PEFT repeats this
 * when it loads such an adapter, which gives the same base only if the initialization is
 * deterministic. Here the part is what the file has: the base loses the adapter's update, and the
 * adapter is read as one that leaves the base unchanged.
 */
record StartingAdapter(AdapterPlan plan, Adapter adapter) {
  private static final List<String> CHANGE_BASE = List.of("pissa", "olora", "corda", "lora_ga");
  private static final String INIT = "init_lora_weights";

  /** Reads the adapter and selects it. */
  static StartingAdapter read(Plugins plugins, ReferenceCase reference, Network network) {
    Path folder = reference.adapterInit();
    ObjectNode config = Json.readObject(folder.resolve(PeftConfig.FILE));
    String init = config.path(INIT).asText();
    if (CHANGE_BASE.stream().noneMatch(init::startsWith)) {
      return adapt(plugins, folder, network);
    }
    try (TemporaryFolder copy = TemporaryFolder.create()) {
      copy(folder, copy.path());
      Files.writeString(copy.path().resolve(PeftConfig.FILE), Json.pretty(config.put(INIT, true)));
      StartingAdapter start = adapt(plugins, copy.path(), network);
      takeOut(start.adapter(), network);
      return start;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static StartingAdapter adapt(Plugins plugins, Path folder, Network network) {
    AdapterPlan plan =
        AdapterLoader.method(plugins, folder.resolve(PeftConfig.FILE))
            .saved(network.plan(), folder);
    return new StartingAdapter(plan, network.adapt(plan.read(network, folder)));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static void takeOut(Adapter adapter, Network network) {
    for (Map.Entry<String, AdapterLayer> entry : adapter.layers().entrySet()) {
      Parameter weight = network.adaptables().get(entry.getKey()).weight();
      try (var _ = Scope.open()) {
        weight.own().copyFrom(entry.getValue().weighted(-1).merged(weight.value()));
      }
    }
  }
}
