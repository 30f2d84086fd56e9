package dev.jlora.spi;

import dev.jlora.spec.CallbackSpec;
import dev.jlora.spec.JobSpec;

/** Makes the {@link Callback} of one run. A plugin binds it by the name that jobs use. */
@PartKind("callback")
public interface CallbackFactory extends Parameterized {

  /**
   * A callback for a run. One that is {@link AutoCloseable} is closed when the run ends, whether it
   * was completed, stopped or failed.
   *
   * @param spec its name and parameters
   * @param job the whole job, labels settled
   */
  Callback create(CallbackSpec spec, JobSpec job);
}
