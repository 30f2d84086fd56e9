package dev.jlora.spec;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A complete job: everything a run depends on.
 *
 * @param adapter null for full fine-tuning
 * @param callbacks observe the training, in this order; none by default
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

  /** A job without callbacks. */
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
   * @throws SpecException listing all problems of all sections
   */
  public static JobSpec parse(String json) {
    return parse(json, Map.of());
  }

  /**
   * Reads a job.
   *
   * @param adapters the spec types of other adapter methods, by name
   * @throws SpecException listing all problems of all sections
   */
  public static JobSpec parse(String json, Map<String, Class<? extends AdapterSpec>> adapters) {
    return parse(json, SpecTypes.of(adapters));
  }

  /**
   * Reads a job.
   *
   * @param types the spec types of plugins
   * @throws SpecException listing all problems of all sections
   */
  public static JobSpec parse(String json, SpecTypes types) {
    return parse(json, types, Map.of());
  }

  /**
   * Reads a job with overrides.
   *
   * @param types the spec types of plugins
   * @param overrides plain JSON values by the path of their key ({@code adapter.rank}); null
   *     removes the key
   * @throws SpecException listing all problems of all sections
   */
  public static JobSpec parse(
      String json, SpecTypes types, Map<String, ? extends @Nullable Object> overrides) {
    return SpecReader.readJob(json, types, overrides);
  }

  public JobSpec withTraining(TrainingSpec training) {
    return new JobSpec(model, task, adapter, data, optimizer, schedule, training, callbacks);
  }

  /** A copy for another device. */
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
