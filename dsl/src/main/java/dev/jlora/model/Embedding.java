package dev.jlora.model;

import dev.jlora.autograd.Functions;
import dev.jlora.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a table, from ids [...] INT64 to [..., width].
 *
 * @param padding the row that gets no gradient, or -1
 */
public record Embedding(long rows, long width, long padding, Init init) implements Layer {
  @Override
  public List<ParameterSpec> parameters() {
    return List.of(new ParameterSpec("weight", List.of(rows, width), init));
  }

  @Override
  public TargetModule target(String path) {
    return new TargetModule(path, TargetModule.Kind.EMBEDDING, rows, width, false, false);
  }

  @Override
  public Module build(Assembly assembly) {
    return assembly.adaptable(
        new Built(target(assembly.path()), padding, assembly.parameter("weight")));
  }

  /** The runnable table, with room for an adapter. */
  private static final class Built implements Adaptable {
    private final TargetModule target;
    private final long padding;
    private final Parameter weight;
    private @Nullable AdapterLayer adapter;

    Built(TargetModule target, long padding, Parameter weight) {
      this.target = target;
      this.padding = padding;
      this.weight = weight;
    }

    @Override
    public Tensor forward(Tensor ids, Pass pass) {
      return adapter == null ? plain(ids, pass) : adapter.forward(this, ids, pass);
    }

    @Override
    public Tensor plain(Tensor ids, Pass pass) {
      return Functions.embedding(pass.tape(), weight.value(), ids, padding);
    }

    @Override
    public TargetModule target() {
      return target;
    }

    @Override
    public Parameter weight() {
      return weight;
    }

    @Override
    public @Nullable Parameter bias() {
      return null;
    }

    @Override
    public void adapt(@Nullable AdapterLayer adapter) {
      this.adapter = adapter;
    }

    @Override
    public @Nullable AdapterLayer adapter() {
      return adapter;
    }
  }
}
