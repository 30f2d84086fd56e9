package dev.jlora.spec;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole job: everything a run depends on.
 *
 * @param adapter null trains every weight of the model
 */
public record JobSpec(
    ModelSpec model,
    TaskSpec task,
    @Nullable AdapterSpec adapter,
    DataSpec data,
    OptimizerSpec optimizer,
    ScheduleSpec schedule,
    TrainingSpec training)
    implements Spec {

  /**
   * Reads a job whose adapter is LoRA, or none.
   *
   * @throws SpecException with every problem of every part
   */
  public static JobSpec parse(String json) {
    return parse(json, Map.of());
  }

  /**
   * Reads a job.
   *
   * @param adapters the spec types of other adapter methods, by the method's name
   * @throws SpecException with every problem of every part
   */
  public static JobSpec parse(String json, Map<String, Class<? extends AdapterSpec>> adapters) {
    return SpecReader.read(json, JobSpec.class, adapters);
  }

  public JobSpec withTraining(TrainingSpec training) {
    return new JobSpec(model, task, adapter, data, optimizer, schedule, training);
  }

  /** The same job elsewhere. */
  public JobSpec withDevice(String device) {
    return withTraining(training.toBuilder().device(device).build());
  }

  public JobSpec withData(DataSpec data) {
    return new JobSpec(model, task, adapter, data, optimizer, schedule, training);
  }

  public JobSpec withModel(ModelSpec model) {
    return new JobSpec(model, task, adapter, data, optimizer, schedule, training);
  }

  public JobSpec withTask(TaskSpec task) {
    return new JobSpec(model, task, adapter, data, optimizer, schedule, training);
  }

  public JobSpec withOptimizer(OptimizerSpec optimizer) {
    return new JobSpec(model, task, adapter, data, optimizer, schedule, training);
  }

  @Override
  public String toString() {
    return json();
  }
}
