package dev.jlora.spec;

import java.util.List;

/**
 * What is trained beside the frozen model. A plugin that brings a method brings a record of this
 * kind too, with a public static {@code defaults()} that JSON without a key falls back on.
 */
public interface AdapterSpec extends Spec {

  /** The name under which a plugin offers the method: {@code lora}. */
  String method();

  /**
   * The same with more modules that are trained in full and saved with the adapter; a method that
   * has no such thing gives itself.
   */
  default AdapterSpec alsoSaving(List<String> modules) {
    return this;
  }
}
