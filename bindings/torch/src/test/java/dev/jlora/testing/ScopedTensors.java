package dev.jlora.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;

/**
 * Lends a scope to each test of a class annotated with {@code @ExtendWith(ScopedTensors.class)}:
 * opens it before, closes it after, and fails the test if tensors are left over then.
 */
public final class ScopedTensors implements BeforeEachCallback, AfterEachCallback {
  private static final Namespace NAMESPACE = Namespace.create(ScopedTensors.class);

  @Override
  public void beforeEach(ExtensionContext context) {
    Store store = context.getStore(NAMESPACE);
    store.put("live", Tensor.live());
    store.put("scope", Scope.open());
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Store store = context.getStore(NAMESPACE);
    store.remove("scope", Scope.class).close();
    if (context.getExecutionException().isEmpty()) {
      assertThat(Tensor.live())
          .as("live tensors after the test (run with -Djlora.debug.tensors=true to see whose)")
          .isEqualTo(store.get("live", Long.class));
    }
  }
}
