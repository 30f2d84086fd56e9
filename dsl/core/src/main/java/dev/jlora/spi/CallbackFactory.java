package dev.jlora.spi;

import dev.jlora.spec.CallbackSpec;
import dev.jlora.spec.JobSpec;

/** Creates the {@link Callback} of a run. A plugin binds it by the name used in jobs. */
@PartKind("callback")
public interface CallbackFactory extends Parameterized {

  /**
   * Creates a callback. If it is {@link AutoCloseable}, it is closed when the run ends, even by an
   * exception.
   *
   * @param spec its name and parameters
   * @param job the whole job, with resolved labels
   */
  Callback create(CallbackSpec spec, JobSpec job);
}
