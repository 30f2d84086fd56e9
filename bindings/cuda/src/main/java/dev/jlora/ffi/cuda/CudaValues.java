// Generated from bindings/cuda/src/main/c/jlora_cuda.h by 'mvn -N generate-sources -Pdowncalls'.
// Do not edit: change the header.
package dev.jlora.ffi.cuda;

/** Values of CUDA's enumerations and flags, named as in the libraries' headers. */
public final class CudaValues {
  // jlora_device_attribute
  public static final int CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK = 1;
  public static final int CU_DEVICE_ATTRIBUTE_WARP_SIZE = 10;
  public static final int CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT = 16;
  public static final int CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE = 36;
  public static final int CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH = 37;
  public static final int CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE = 38;
  public static final int CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75;
  public static final int CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76;
  public static final int CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR = 81;
  public static final int CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN = 97;

  // jlora_function_attribute
  public static final int CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES = 1;
  public static final int CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES = 3;
  public static final int CU_FUNC_ATTRIBUTE_NUM_REGS = 4;
  public static final int CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8;

  // jlora_flags
  public static final int CU_POINTER_ATTRIBUTE_BUFFER_ID = 7;
  public static final int CU_STREAM_DEFAULT = 0;
  public static final int CU_STREAM_NON_BLOCKING = 1;
  public static final int CU_EVENT_DEFAULT = 0;
  public static final int CU_EVENT_BLOCKING_SYNC = 1;
  public static final int CU_EVENT_DISABLE_TIMING = 2;
  public static final int CU_MEMHOSTALLOC_PORTABLE = 1;
  public static final int CU_MEMHOSTALLOC_DEVICEMAP = 2;
  public static final int CU_MEMHOSTALLOC_WRITECOMBINED = 4;
  public static final int CU_MEMHOSTREGISTER_PORTABLE = 1;
  public static final int CU_MEMHOSTREGISTER_READ_ONLY = 8;
  public static final int CU_STREAM_CAPTURE_MODE_GLOBAL = 0;
  public static final int CU_STREAM_CAPTURE_MODE_THREAD_LOCAL = 1;
  public static final int CU_STREAM_CAPTURE_MODE_RELAXED = 2;
  public static final int CU_STREAM_CAPTURE_STATUS_NONE = 0;
  public static final int CU_STREAM_CAPTURE_STATUS_ACTIVE = 1;
  public static final int CU_STREAM_CAPTURE_STATUS_INVALIDATED = 2;
  public static final int CU_JIT_ERROR_LOG_BUFFER = 5;
  public static final int CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6;

  // jlora_data_type
  public static final int CUDA_R_32F = 0;
  public static final int CUDA_R_64F = 1;
  public static final int CUDA_R_16F = 2;
  public static final int CUDA_R_16BF = 14;

  // jlora_blas_value
  public static final int CUBLAS_OP_N = 0;
  public static final int CUBLAS_OP_T = 1;
  public static final int CUBLAS_POINTER_MODE_HOST = 0;
  public static final int CUBLAS_POINTER_MODE_DEVICE = 1;
  public static final int CUBLAS_DEFAULT_MATH = 0;
  public static final int CUBLAS_TF32_TENSOR_OP_MATH = 3;
  public static final int CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION = 16;
  public static final int CUBLAS_GEMM_DEFAULT = -1;
  public static final int CUBLAS_COMPUTE_16F = 64;
  public static final int CUBLAS_COMPUTE_32F = 68;
  public static final int CUBLAS_COMPUTE_32F_PEDANTIC = 69;
  public static final int CUBLAS_COMPUTE_64F = 70;
  public static final int CUBLAS_COMPUTE_32F_FAST_16F = 74;
  public static final int CUBLAS_COMPUTE_32F_FAST_16BF = 75;
  public static final int CUBLAS_COMPUTE_32F_FAST_TF32 = 77;

  // jlora_blaslt_value
  public static final int CUBLASLT_MATMUL_DESC_POINTER_MODE = 2;
  public static final int CUBLASLT_MATMUL_DESC_TRANSA = 3;
  public static final int CUBLASLT_MATMUL_DESC_TRANSB = 4;
  public static final int CUBLASLT_MATMUL_DESC_EPILOGUE = 7;
  public static final int CUBLASLT_MATMUL_DESC_BIAS_POINTER = 8;
  public static final int CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER = 11;
  public static final int CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD = 12;
  public static final int CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_DATA_TYPE = 22;
  public static final int CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE = 26;
  public static final int CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT = 5;
  public static final int CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET = 6;
  public static final int CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES = 1;
  public static final int CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES = 5;
  public static final int CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES = 6;
  public static final int CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES = 7;
  public static final int CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES = 8;
  public static final int CUBLASLT_EPILOGUE_DEFAULT = 1;
  public static final int CUBLASLT_EPILOGUE_RELU = 2;
  public static final int CUBLASLT_EPILOGUE_BIAS = 4;
  public static final int CUBLASLT_EPILOGUE_RELU_BIAS = 6;
  public static final int CUBLASLT_EPILOGUE_GELU = 32;
  public static final int CUBLASLT_EPILOGUE_GELU_BIAS = 36;
  public static final int CUBLASLT_EPILOGUE_GELU_AUX = 160;
  public static final int CUBLASLT_EPILOGUE_GELU_AUX_BIAS = 164;
  public static final int CUBLASLT_EPILOGUE_DGELU = 192;
  public static final int CUBLASLT_EPILOGUE_DGELU_BGRAD = 208;
  public static final int CUBLASLT_EPILOGUE_BGRADA = 256;
  public static final int CUBLASLT_EPILOGUE_BGRADB = 512;

  // jlora_nccl_value
  public static final int NCCL_INT32 = 2;
  public static final int NCCL_INT64 = 4;
  public static final int NCCL_FLOAT16 = 6;
  public static final int NCCL_FLOAT32 = 7;
  public static final int NCCL_FLOAT64 = 8;
  public static final int NCCL_BFLOAT16 = 9;
  public static final int NCCL_SUM = 0;
  public static final int NCCL_PROD = 1;
  public static final int NCCL_MAX = 2;
  public static final int NCCL_MIN = 3;
  public static final int NCCL_AVG = 4;

  private CudaValues() {}
}
