package dev.jlora.cli;

import com.google.inject.Binder;
import dev.jlora.spec.CallbackSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.Spec;
import dev.jlora.spi.Callback;
import dev.jlora.spi.CallbackFactory;
import dev.jlora.spi.Contributions;
import dev.jlora.spi.JloraPlugin;
import java.util.List;

/** Brings a callback with parameters, to be named on a command line. */
public final class BellPlugin implements JloraPlugin {
  @Override
  public void configure(Binder binder) {
    Contributions.of(binder).add(CallbackFactory.class, "bell", new Bell());
  }

  record BellParameters(int times, String word, List<String> spare) implements Spec {
    static BellParameters defaults() {
      return new BellParameters(1, "", List.of());
    }
  }

  private static final class Bell implements CallbackFactory {
    @Override
    public Class<? extends Spec> parametersType() {
      return BellParameters.class;
    }

    @Override
    public Callback create(CallbackSpec spec, JobSpec job) {
      return new Callback() {};
    }
  }
}
