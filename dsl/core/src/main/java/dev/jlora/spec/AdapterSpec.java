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
   * Number of virtual tokens that an adapter puts before each text, which may then have as many
   * tokens fewer.
   */
  default int virtualTokens() {
    return 0;
  }

  /**
   * A copy with additional modules that are trained in full and saved with the adapter; a method
   * without such modules returns itself.
   */
  default AdapterSpec alsoSaving(List<String> modules) {
    return this;
  }
}
