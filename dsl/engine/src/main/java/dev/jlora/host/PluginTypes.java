package dev.jlora.host;

import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Nearest;
import dev.jlora.spec.Spec;
import dev.jlora.spec.SpecTypes;
import dev.jlora.spi.Parameterized;
import org.jspecify.annotations.Nullable;

/** The spec types of plugin parts; only the parts that are named are created. */
record PluginTypes(Plugins plugins) implements SpecTypes {
  /** A kind without parts of jlora's own: if there is none, a name is certainly wrong. */
  private static final String CALLBACK = "callback";

  @Override
  public Class<? extends AdapterSpec> adapter(@Nullable String method) {
    var adapters = plugins.adapters();
    if (method == null) {
      throw new IllegalArgumentException(
          "got nothing, expected one of " + Nearest.list(adapters.names()));
    }
    var found = adapters.find(method);
    if (found.isEmpty() && method.equals(LoraSpec.METHOD)) {
      return LoraSpec.class; // a job can be read where it cannot be run
    }
    return found
        .orElseThrow(() -> new IllegalArgumentException(adapters.unknown(method)))
        .specType();
  }

  @Override
  public @Nullable Class<? extends Spec> parameters(String kind, String name) {
    Registry<Object> parts = plugins.parts(kind);
    if (parts.names().isEmpty() && !kind.equals(CALLBACK)) {
      return null; // a job can be read where it cannot be run
    }
    Object part =
        parts.find(name).orElseThrow(() -> new IllegalArgumentException(parts.unknown(name)));
    return part instanceof Parameterized own ? own.parametersType() : null;
  }
}
