package dev.jlora.adapters.init;

import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An adapter that changes nothing: it reports the inputs of modules, or asks for gradients. */
final class Observer implements Adapter {

  /** Called with a module's input during a pass. */
  interface Listener {
    /**
     * @param path of the module
     * @param x its input, in the scope of the pass
     */
    void input(String path, Tensor x, ForwardContext pass);
  }

  private final Map<String, AdapterLayer> layers = new LinkedHashMap<>();
  private final Map<String, Parameter> weights = new LinkedHashMap<>();
  private final Scope scope = Scope.detached();

  private Observer() {}

  /** Reports the inputs of these modules. */
  static Observer ofInputs(Collection<String> paths, Listener listener) {
    Observer observer = new Observer();
    paths.forEach(path -> observer.layers.put(path, new ReportingLayer(listener)));
    return observer;
  }

  /** Asks for the gradients of these weights, of which it takes trainable copies. */
  static Observer ofGradients(Collection<Parameter> weights) {
    Observer observer = new Observer();
    for (Parameter weight : weights) {
      observer.weights.put(weight.name(), weight.trainableCopy(weight.name(), observer.scope));
    }
    return observer;
  }

  private record ReportingLayer(Listener listener) implements AdapterLayer {
    @Override
    public Tensor forward(Base base, Tensor x, ForwardContext pass) {
      listener.input(base.target().path(), x, pass);
      return base.output(x);
    }

    @Override
    public Tensor merged(Tensor weight) {
      return weight;
    }

    @Override
    public List<Parameter> parameters() {
      return List.of();
    }
  }

  @Override
  public Map<String, AdapterLayer> layers() {
    return layers;
  }

  @Override
  public Map<String, Parameter> overrides() {
    return weights;
  }

  @Override
  public void save(Path folder) {
    throw new UnsupportedOperationException("an observer has nothing to save");
  }

  @Override
  public void restore(Path folder) {
    throw new UnsupportedOperationException("an observer has nothing to restore");
  }

  @Override
  public void close() {
    if (!scope.closed()) {
      scope.close();
    }
  }
}
