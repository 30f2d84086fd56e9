package dev.jlora.spec;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole job: everything a run depends on.
 *
 * @param adapter null trains every weight of the model
 * @param callbacks look on while the job trains, in this order; none by default
 */
public record JobSpec(
    ModelSpec model,
    TaskSpec task,
    @Nullable AdapterSpec adapter,
    DataSpec data,
    OptimizerSpec optimizer,
    ScheduleSpec schedule,
    TrainingSpec training,
    List<CallbackSpec> callbacks)
    implements Spec {

  public JobSpec {
    callbacks = List.copyOf(callbacks);
  }

  /** A job without callbacks of plugins. */
  public JobSpec(
      ModelSpec model,
      TaskSpec task,
      @Nullable AdapterSpec adapter,
      DataSpec data,
      OptimizerSpec optimizer,
      ScheduleSpec schedule,
      TrainingSpec training) {
    this(model, task, adapter, data, optimizer, schedule, training, List.of());
  }

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
    return parse(json, SpecTypes.of(adapters));
  }

  /**
   * Reads a job.
   *
   * @param types what plugins bring for its parts
   * @throws SpecException with every problem of every part
   */
  public static JobSpec parse(String json, SpecTypes types) {
    return parse(json, types, Map.of());
  }

  /**
   * Reads a job, and puts other values in place of its own.
   *
   * @param types what plugins bring for its parts
   * @param overrides plain values as JSON has them, by the path of their key ({@code
   *     adapter.rank}); null leaves the key out
   * @throws SpecException with every problem of every part
   */
  public static JobSpec parse(
      String json, SpecTypes types, Map<String, ? extends @Nullable Object> overrides) {
    return SpecReader.readJob(json, types, overrides);
  }

  public JobSpec withTraining(TrainingSpec training) {
    return new JobSpec(model, task, adapter, data, optimizer, schedule, training, callbacks);
  }

  /** The same job elsewhere. */
  public JobSpec withDevice(String device) {
    return withTraining(training.toBuilder().device(device).build());
  }

  public JobSpec withData(DataSpec data) {
    return new JobSpec(model, task, adapter, data, optimizer, schedule, training, callbacks);
  }

  public JobSpec withModel(ModelSpec model) {
    return new JobSpec(model, task, adapter, data, optimizer, schedule, training, callbacks);
  }

  public JobSpec withTask(TaskSpec task) {
    return new JobSpec(model, task, adapter, data, optimizer, schedule, training, callbacks);
  }

  public JobSpec withSchedule(ScheduleSpec schedule) {
    return new JobSpec(model, task, adapter, data, optimizer, schedule, training, callbacks);
  }

  public JobSpec withCallbacks(List<CallbackSpec> callbacks) {
    return new JobSpec(model, task, adapter, data, optimizer, schedule, training, callbacks);
  }

  public JobSpec withAdapter(@Nullable AdapterSpec adapter) {
    return new JobSpec(model, task, adapter, data, optimizer, schedule, training, callbacks);
  }

  public JobSpec withOptimizer(OptimizerSpec optimizer) {
    return new JobSpec(model, task, adapter, data, optimizer, schedule, training, callbacks);
  }

  @Override
  public String toString() {
    return json();
  }
}
