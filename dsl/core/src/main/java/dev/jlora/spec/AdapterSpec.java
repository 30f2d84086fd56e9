package dev.jlora.spec;

import java.util.List;

/**
 * The settings of an adapter. A plugin that contributes an adapter method also contributes such a
 * record, with a public static {@code defaults()} for keys absent in JSON.
 */
public interface AdapterSpec extends Spec {

  /** The name of the method: {@code lora}. */
  String method();

  /**
   * A copy with additional modules that are trained in full and saved with the adapter; a method
   * without such modules returns itself.
   */
  default AdapterSpec alsoSaving(List<String> modules) {
    return this;
  }
}
